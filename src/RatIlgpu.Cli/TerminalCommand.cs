using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>A command with an action that reads and writes a terminal.</summary>
abstract class TerminalCommand : Command
{
    protected TerminalCommand(string name, string description, Terminal terminal)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction((parsed, cancellation) => Task.FromResult(PrepareOrRefuse(parsed)(cancellation)));
    }

    /// <summary>Gets whether the arguments are a prompt.</summary>
    public bool TakesPrompt { get; protected init; }

    /// <summary>Gets three calls for the help: what each does, and the words after the name of the command.</summary>
    public abstract ImmutableArray<(string What, string Line)> Examples { get; }

    /// <summary>Gets older names of options, and the names that they stand for.</summary>
    public IReadOnlyDictionary<string, string> OldNames { get; protected init; } =
        ImmutableDictionary<string, string>.Empty;

    /// <summary>Gets the defaults that depend on the command, as the help shows them.</summary>
    public Dictionary<Option, string> Defaults { get; } = [];

    /// <summary>Gets the help of options that here take other values, or do something else: the value, as the help
    /// shows it, and the text.</summary>
    public Dictionary<Option, (string Value, string Text)> OwnHelp { get; } = [];

    /// <summary>Gets where the command reads and writes.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Adds options.</summary>
    public void AddAll(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
            Options.Add(option);
    }

    /// <summary>Reads the command line, and refuses all that it alone shows to be wrong, before any file is opened.
    /// </summary>
    /// <returns>The rest of the command, whose errors are those of its input; it returns the exit code.</returns>
    /// <exception cref="UsageException">The command line is wrong.</exception>
    protected abstract Func<CancellationToken, int> Prepare(ParseResult parsed);

    // One rule for the exit code: an error here is one of usage, an error of the rest is one of the input.
    Func<CancellationToken, int> PrepareOrRefuse(ParseResult parsed)
    {
        try
        {
            return Prepare(parsed);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            throw new UsageException(OptionNames.MessageOf(fault));
        }
    }
}
