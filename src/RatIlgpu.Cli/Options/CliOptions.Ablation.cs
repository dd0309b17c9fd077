namespace RatIlgpu.Cli.Options;

/// <content>Studies of ablation.</content>
sealed partial class CliOptions
{
    static readonly AblationOptions AblationDefaults = new();

    /// <summary>Gets the layer whose heads are taken away.</summary>
    public CliOption<Index?> Layer => field ??= new(OptionGroup.Choice, "--layer", "N",
        "The layer of components, and, of ablate, of heads that are not given by name; negative ones count from the "
            + "end. Default: the last but one.",
        text => IndexOf(Parsing.Whole(-int.MaxValue)(text)));

    /// <summary>Gets the switch that takes all heads away at once.</summary>
    public CliSwitch Together => field ??= new(OptionGroup.Choice, "--together",
        "Take all heads away in one condition, instead of each in one of its own.");

    /// <summary>Gets what of the heads is taken away.</summary>
    public CliOption<AblatedPart> Part => field ??= new(OptionGroup.Analysis, "--part", "head|value",
        "What is taken away at the position: head, what the head writes there; value, what later tokens read of it by "
            + "the head. --components takes parts of queries and keys out instead.",
        text => Words.Read(text, AblatedPart.Head, AblatedPart.Value), "head");

    /// <summary>Gets what is put in its place.</summary>
    public CliOption<ImmutableArray<AblationKind>> Kind => field ??= new(OptionGroup.Analysis, "--kind", "LIST",
        "What is put in its place, one condition for each: zero; mean, that over all samples; resample, that of "
            + "another sample; knock-out, of values, attention that does not see the position; redirect, of heads, "
            + "attention to the first token alone.",
        text => [.. text.Split(',').Select(word => Words.Read<AblationKind>(word)).Distinct()],
        string.Join(',', AblationDefaults.Kinds.Select(Words.Of)));

    /// <summary>Gets the switch that changes all positions.</summary>
    public CliSwitch Everywhere => field ??= new(OptionGroup.Analysis, "--everywhere",
        "Change all positions instead of one of each sample.");

    /// <summary>Gets the switch that asks for the redundancy test.</summary>
    public CliSwitch Redundancy => field ??= new(OptionGroup.Analysis, "--redundancy",
        "Test whether the heads have all that the values at the token before give: take away either, and both.");

    /// <summary>Gets the heads whose own values are taken away.</summary>
    public CliOption<ImmutableArray<HeadIndex>> ValueHeads => field ??= new(OptionGroup.Choice, "--value-heads",
        "HEADS", $"With --redundancy: the heads whose own values are taken away, {HeadForms}. Default: those of "
            + "--heads.",
        HeadChoice.ParseNames);

    /// <summary>Gets the largest offset of the sweep.</summary>
    public CliOption<int?> Sweep => field ??= new(OptionGroup.Analysis, "--sweep", "N",
        "Take away the values 1, 2, … N tokens back, alone and with the heads.", Parsing.Maybe(Parsing.Whole(1)));

    /// <summary>Gets the switch that asks how far back heads look.</summary>
    public CliSwitch Attention => field ??= new(OptionGroup.Analysis, "--attention",
        "Compare how far back the heads of a layer look from the position, without a change and under each condition.");

    /// <summary>Gets the largest offset of attention.</summary>
    public CliOption<int> Offsets => field ??= new(OptionGroup.Analysis, "--offsets", "N",
        "With --attention: the largest distance back that is looked at.", Parsing.Whole(1), "20");

    /// <summary>Gets the layer whose heads are looked at.</summary>
    public CliOption<Index?> AttentionLayer => field ??= new(OptionGroup.Choice, "--attention-layer", "N",
        "With --attention: the layer whose heads are looked at; negative ones count from the end. Default: that after "
            + "the first changed one; of components, their own.",
        text => IndexOf(Parsing.Whole(-int.MaxValue)(text)));

    /// <summary>Gets the number of texts.</summary>
    public CliOption<int?> Sequences => field ??= new(OptionGroup.Sequences, "--sequences", "N",
        "How many texts are samples, the first that are long enough; one position is drawn in each. Default: 10; with "
            + "--attention 100, or all if there are fewer.",
        Parsing.Maybe(Parsing.Whole(1)));

    /// <summary>Gets the length of a text.</summary>
    public CliOption<int> Length => field ??= new(OptionGroup.Sequences, "--length", "N",
        "The most tokens of a text that is a sample.", Parsing.Whole(16, 1 << 15), "128");

    static Index? IndexOf(int number) => number < 0 ? ^-number : number;
}
