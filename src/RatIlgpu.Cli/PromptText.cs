using RatIlgpu.Text;

namespace RatIlgpu.Cli;

/// <summary>The options that say what the prompt is.</summary>
sealed class PromptText
{
    public Argument<string?> Argument { get; } = new("text")
    {
        Description = "The prompt. Default: standard input, without the line break at its end.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public CliOption<string?> Text { get; } = new("--text, -t", "text", "The prompt, as an option.");

    public CliOption<bool> Chat { get; } = new(
        "--chat", "Wrap the prompt as a user's message in the model's chat form, up to where the answer starts.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(TerminalCommand command)
    {
        command.Arguments.Add(Argument);
        command.AddAll(Text, Chat);
    }

    /// <summary>Returns the prompt in the form that the model reads.</summary>
    public string Read(ParseResult parsed, Terminal terminal, string folder, CancellationToken cancellation)
    {
        var text = Written(parsed, terminal, cancellation);
        return parsed.GetValue(Chat) ? AsChat(text, folder) : text;
    }

    static string AsChat(string text, string folder)
    {
        try
        {
            return ChatTemplate.Load(folder).Format([new ChatMessage("user", text)]);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            throw new InvalidDataException($"{e.Message} Leave out --chat for that.", e);
        }
    }

    string Written(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var (argument, option) = (Parsing.Text(parsed, Argument), parsed.GetValue(Text));
        if (argument is not null && option is not null)
            throw new UsageException("the prompt is given twice, as an argument and with --text.");
        if ((argument ?? option) is { } given)
            return given;
        if (!terminal.IsInputPiped)
            throw new UsageException("there is no prompt: give it as an argument, with --text, or on standard input.");
        return WithoutLastLineBreak(terminal.ReadInput(cancellation));
    }

    static string WithoutLastLineBreak(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
