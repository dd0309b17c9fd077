namespace RatIlgpu.Cli.Options;

/// <content>Explanations of attention.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the head that is explained.</summary>
    public CliOption<HeadIndex?> Head => field ??= new(OptionGroup.Choice, "--head", "HEAD",
        "The head whose attention is explained: by name, such as L3H2, 3.2 or L-1H2, whose layer counts from the end.",
        text => HeadChoice.ParseName(text));

    /// <summary>Gets the position of the query.</summary>
    public CliOption<Selection> Query => field ??= new(OptionGroup.Choice, "--query", "N",
        "The position that attends; negative ones count from the end. A prompt of --prompts with a position has its "
            + "own.",
        OnePosition, "-1");

    /// <summary>Gets the positions of the keys.</summary>
    public CliOption<Selection?> Key => field ??= new(OptionGroup.Choice, "--key", "LIST",
        "The positions that are attended to: numbers from 0 or, negative, from the end, and ranges, such as 0,2:5,-1. "
            + "Default: the three with the most attention.",
        Selection.Parse);

    /// <summary>Gets the key that others are compared with.</summary>
    public CliOption<Selection?> FoilKey => field ??= new(OptionGroup.Choice, "--foil-key", "N",
        "A position that each key is compared with; --reading is then foil.", text => OnePosition(text));

    /// <summary>Gets what a score is compared with.</summary>
    public CliOption<ScoreReading?> Reading => field ??= new(OptionGroup.Analysis, "--reading",
        Words.Choice<ScoreReading>(),
        "What the score of a key is compared with: here, nothing; others, the mean over the other keys; foil, the "
            + "key of --foil-key; gradient, the mean over all keys by attention. Default: here; foil with --foil-key.",
        text => Words.Read<ScoreReading>(text));

    /// <summary>Gets the switch that measures an explanation.</summary>
    public CliSwitch Verify => field ??= new(OptionGroup.Analysis, "--verify",
        "Run the model again with each of the five largest parts taken out of the key, and of the query, that this "
            + "head reads, and show what it adds to the score, and what is measured, side by side; not with "
            + "--from-recording.");

    /// <summary>Gets the switch that splits heads by the tokens they read.</summary>
    public CliSwitch SplitHeads => field ??= new(OptionGroup.Analysis, "--split-heads",
        "Split each earlier head into what it wrote of each token that it read.");

    /// <summary>Gets the switch that explains the links of traces.</summary>
    public CliSwitch Explain => field ??= new(OptionGroup.Analysis, "--explain",
        "Of traces of single heads: take the attention score of each link apart, and show the five pairs of a part of "
            + "the query and a part of the key that add most to it.");

    static Selection OnePosition(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out _)
        ? Selection.Parse(text)
        : throw new FormatException($"is '{OneLine.Shorten(text)}', expected one position.");
}
