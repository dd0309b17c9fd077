using RatIlgpu.Html;

namespace RatIlgpu.Cli.Options;

/// <content>The attention page.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the prompts of a batch that are shown.</summary>
    public CliOption<Selection> BatchIndex => field ??= new(OptionGroup.Choice, "--batch-index", "LIST",
        "Which of several prompts are shown, from 0, in the forms of --layers.", Selection.Parse, "all");

    /// <summary>Gets the names of the prompts.</summary>
    public CliOption<LabelList?> Labels => field ??= new(OptionGroup.Output, "--labels", "LIST",
        "Names for several prompts, in their order: with commas between, or @FILE with one a line. Default: their "
            + "texts.",
        LabelList.Parse);

    /// <summary>Gets the control that chooses a prompt.</summary>
    public CliOption<PromptPicker> Picker => field ??= new(OptionGroup.Output, "--picker", Words.Choice<PromptPicker>(),
        "What chooses one of several prompts on the page.", text => Words.Read<PromptPicker>(text), "drop-down");

    /// <summary>Gets what attention counts.</summary>
    public CliOption<AttentionWeights> Weights => field ??= new(OptionGroup.Analysis, "--weights",
        Words.Choice<AttentionWeights>(),
        "What a link counts: standard, its attention; value, attention times the length of the key's value; info, "
            + "times the length of what the head writes of it; contribution, the length of what all heads together "
            + "bring.",
        text => Words.Read<AttentionWeights>(text), "standard");

    /// <summary>Gets the view that the page shows first.</summary>
    public CliOption<AttentionMode> Mode => field ??= new(OptionGroup.Output, "--mode", Words.Choice<AttentionMode>(),
        "The view: small, heads beside one matrix and the text; large, one matrix with its numbers; lines, queries and "
            + "keys of one prompt.",
        text => Words.Read<AttentionMode>(text), "small");

    /// <summary>Gets how heads are named.</summary>
    public CliOption<HeadNotation> Notation => field ??= new(OptionGroup.Output, "--notation", "LH|dot",
        "How heads are named: LH, as L3H2; dot, as 3.2.", ReadNotation, "LH");

    static HeadNotation ReadNotation(string text) => text switch
    {
        "LH" or "lh" => HeadNotation.LayerHead,
        "dot" => HeadNotation.Dot,
        _ => throw new FormatException($"is '{OneLine.Escape(text)}', expected LH, dot."),
    };
}
