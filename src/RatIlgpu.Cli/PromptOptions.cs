using System.Collections.Immutable;
using System.CommandLine;
using RatIlgpu.Generation;
using RatIlgpu.Text;

namespace RatIlgpu.Cli;

/// <summary>The options that say what the prompt is, and whether the model goes on with it.</summary>
sealed class PromptOptions
{
    public Argument<string?> Argument { get; } = new("text")
    {
        Description = "The prompt. Default: standard input, without the line break at its end.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<string?> Text { get; } = new("--text", "-t")
    {
        Description = "The prompt, as an option.",
        HelpName = "text",
    };

    public Option<bool> Chat { get; } = new("--chat")
    {
        Description = "Wrap the prompt as a user's message in the model's chat form, up to where the answer starts.",
    };

    public Option<int> Generate { get; } = new("--generate")
    {
        Description = "Let the model write up to so many tokens first, and trace prompt and continuation together.",
        HelpName = "n",
    };

    public Option<int?> TraceToken { get; } = new("--trace-token")
    {
        Description = "Trace the generated token of this number, from 0; a negative one counts from the end.",
        HelpName = "number",
    };

    public Option<double> Temperature { get; } = new("--temperature")
    {
        Description = "The temperature of the generation. Default: 0, always the likeliest token.",
        HelpName = "t",
        CustomParser = result => Parsing.Read(result, Parsing.Number),
    };

    public Option<double> TopP { get; } = new("--top-p")
    {
        Description = "The probability mass the generation samples from.",
        HelpName = "p",
        DefaultValueFactory = _ => 1,
        CustomParser = result => Parsing.Read(result, Parsing.Number),
    };

    public Option<int> Seed { get; } = new("--seed")
    {
        Description = "The seed of the generation. Default: 0.",
        HelpName = "n",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(Argument);
        foreach (var option in (Option[])[Text, Chat, Generate, TraceToken, Temperature, TopP, Seed])
            command.Options.Add(option);
    }

    /// <summary>Returns the prompt as the model is to read it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="terminal">Where a prompt may come from.</param>
    /// <param name="folder">The model's folder, which has its chat form.</param>
    /// <param name="cancellation">What stops the command.</param>
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

    /// <summary>Lets the model go on with a prompt, if that was asked for.</summary>
    /// <returns>The generated tokens.</returns>
    public ImmutableArray<int> Continue(
        ParseResult parsed,
        LanguageModel model,
        ImmutableArray<int> ids,
        ImmutableArray<int>? attentionMask,
        CancellationToken cancellation)
    {
        var count = parsed.GetValue(Generate);
        if (count < 0)
            throw new UsageException($"--generate is {count}, expected 0 or more.");
        var sampling = new SamplingOptions
        {
            Temperature = parsed.GetValue(Temperature),
            TopP = parsed.GetValue(TopP),
            Seed = parsed.GetValue(Seed),
        };
        sampling.Check();
        return [.. new TextGenerator(model).Generate(ids, count, sampling, attentionMask, cancellation)];
    }

    /// <summary>Returns the position to trace when a generated token was asked for; else null.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="promptLength">How many tokens the prompt has.</param>
    /// <param name="generated">How many tokens were generated.</param>
    public int? TracedPosition(ParseResult parsed, int promptLength, int generated)
    {
        if (parsed.GetValue(TraceToken) is not { } token)
            return null;
        if (parsed.GetValue(Generate) == 0)
            throw new UsageException("--trace-token needs --generate.");
        if (generated == 0)
            throw new ArgumentException("--trace-token has nothing to trace: the model ended the text at once.");
        if (token < -generated || token >= generated)
            throw new ArgumentException(
                $"--trace-token is {token}, expected {-generated} to {generated - 1}: the model ended its text after "
                + $"{generated} tokens.");
        return promptLength + (token < 0 ? token + generated : token);
    }

    static string WithoutLastLineBreak(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}
