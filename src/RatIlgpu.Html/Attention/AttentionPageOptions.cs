using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The title, the first view and the size of a page that shows attention; change it with
/// <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Attention</c>.</remarks>
public sealed record AttentionPageOptions : PageOptions
{
    /// <summary>Gets the name of the model. Default: null, not shown.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets what was changed in the run of each prompt, in the words of
    /// <see cref="Recording.Interventions"/>. Default: none; a page of recorded runs takes theirs.</summary>
    public ValueArray<ValueArray<string>> Interventions { get; init; } = [];

    /// <summary>Gets the view at first. Default: small.</summary>
    public AttentionMode Mode { get; init; } = AttentionMode.Small;

    /// <summary>Gets the weighting at first, if the heads have its factors. Default: standard.</summary>
    public AttentionWeights Weights { get; init; } = AttentionWeights.Standard;

    /// <summary>Gets how the names of heads are written. Default: <c>L9H6</c>.</summary>
    public HeadNotation Notation { get; init; } = HeadNotation.LayerHead;

    /// <summary>Gets the control that chooses the prompt. Default: a drop-down list.</summary>
    public PromptPicker Picker { get; init; } = PromptPicker.DropDown;

    /// <summary>Gets the function that names a prompt, from its index and its tokens; the name is text, not markup.
    /// Default: null, its tokens.</summary>
    public Func<int, IReadOnlyList<TokenText>, string>? Label { get; init; }
}

/// <summary>A view of attention.</summary>
public enum AttentionMode
{
    /// <summary>Thumbnails of the heads beside the matrix of one, and the text of the prompt.</summary>
    Small,

    /// <summary>Thumbnails of the heads above a large matrix with its numbers.</summary>
    Large,

    /// <summary>Query, key, products, scores and probabilities of one head.</summary>
    Lines,
}

/// <summary>A way to write the name of a head.</summary>
public enum HeadNotation
{
    /// <summary><c>L9H6</c>.</summary>
    LayerHead,

    /// <summary><c>9.6</c>.</summary>
    Dot,
}

/// <summary>A control that chooses one of several prompts.</summary>
public enum PromptPicker
{
    /// <summary>A drop-down list.</summary>
    DropDown,

    /// <summary>Radio buttons.</summary>
    Radio,
}
