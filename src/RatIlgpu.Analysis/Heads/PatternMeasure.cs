namespace RatIlgpu.Analysis;

/// <summary>How an attention pattern A is compared with a mask D of the cells it should attend to.</summary>
/// <remarks>The two measures of TransformerLens's head detector. Without exclusions, where the rows of A sum to 1, the
/// second is twice the first less the cells of D for each token.</remarks>
public enum PatternMeasure
{
    /// <summary>The share of the attention that the mask covers, <c>Σ A·D / Σ A</c>; NaN where no attention is
    /// left.</summary>
    AttentionShare,

    /// <summary>One less the absolute differences of a row, <c>1 − Σ |A − D| / n</c>, for n tokens.</summary>
    AbsoluteDifference,
}
