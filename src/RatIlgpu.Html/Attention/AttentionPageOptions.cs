using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The title, the first view and the size of a page that shows attention; change it with
/// <c>with</c>.</summary>
public sealed record AttentionPageOptions
{
    /// <summary>Gets the heading. Default: null, the title of <see cref="Origin"/>, or else <c>Attention</c>.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;

    /// <summary>Gets the name of the model. Default: null, not shown.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets what made the patterns. Default: null, unknown.</summary>
    public TraceOrigin? Origin { get; init; }

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

    /// <summary>Gets whether the explanation of the page stands open at its top. Default: no.</summary>
    public bool HelpText { get; init; }

    /// <summary>Gets the largest size of the data of the page, in bytes. Default: 25,000,000.</summary>
    public long MaxBytes { get; init; } = PageLimit.MostBytes;
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
