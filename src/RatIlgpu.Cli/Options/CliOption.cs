namespace RatIlgpu.Cli.Options;

/// <summary>An option of the command line.</summary>
/// <remarks>The parser knows the value as an object: with a type of its own for each option it would be compiled once
/// for each, which takes longer than a short command.</remarks>
abstract class CliOption : Option<object?>
{
    protected CliOption(OptionGroup group, string names, string description)
        : base(names.Split(", ")[0], names.Split(", ")[1..])
    {
        (Group, Description) = (group, description);
        Arity = ArgumentArity.Zero;
    }

    /// <summary>Gets the heading under which the help lists the option.</summary>
    public OptionGroup Group { get; }

    /// <summary>Gets the default as it is typed; null if there is none.</summary>
    public string? Default { get; private set; }

    /// <summary>Gives the option a value.</summary>
    /// <param name="value">What the value is, as the help shows it.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="initial">The value if the option is not given, as it is typed; null for none.</param>
    protected void TakeValue(string value, Func<string, object?> read, string? initial)
    {
        (HelpName, Default, Arity) = (value, initial, ArgumentArity.ExactlyOne);
        CustomParser = result => Parsing.Read(result, Name, read);
        if (initial is not null)
            DefaultValueFactory = _ => read(initial);
    }
}

/// <summary>The headings of a help, in their order.</summary>
enum OptionGroup
{
    /// <summary>What is run.</summary>
    Prompt,

    /// <summary>On what sequences heads are scored.</summary>
    Sequences,

    /// <summary>Which model runs, and where.</summary>
    Model,

    /// <summary>Which positions, layers and heads are looked at.</summary>
    Choice,

    /// <summary>How the paths are searched.</summary>
    Search,

    /// <summary>What the model writes before it is looked at.</summary>
    Generation,

    /// <summary>The number that is explained.</summary>
    Metric,

    /// <summary>How it is explained.</summary>
    Analysis,

    /// <summary>What is timed.</summary>
    Timing,

    /// <summary>What is written, and where to.</summary>
    Output,

    /// <summary>What every command has.</summary>
    Other,
}

/// <summary>An option that has a value of a type.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
sealed class CliOption<T> : CliOption
{
    /// <summary>Declares the option.</summary>
    /// <param name="group">The heading in the help.</param>
    /// <param name="names">The names, such as <c>--text, -t</c>.</param>
    /// <param name="value">What the value is, as the help shows it.</param>
    /// <param name="description">The text in the help.</param>
    /// <param name="read">Reads the value; throws <see cref="FormatException"/> or
    /// <see cref="ArgumentException"/>.</param>
    /// <param name="initial">The value if the option is not given, as it is typed; null for none.</param>
    public CliOption(
        OptionGroup group, string names, string value, string description, Func<string, T> read, string? initial = null)
        : base(group, names, description) => TakeValue(value, text => read(text), initial);
}

/// <summary>An option that is given or not.</summary>
/// <param name="group">The heading in the help.</param>
/// <param name="names">The names, such as <c>--text, -t</c>.</param>
/// <param name="description">The text in the help.</param>
sealed class CliSwitch(OptionGroup group, string names, string description) : CliOption(group, names, description);
