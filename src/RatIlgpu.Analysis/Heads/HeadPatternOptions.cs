namespace RatIlgpu.Analysis;

/// <summary>How heads are scored; change it with <c>with</c>.</summary>
public sealed record HeadPatternOptions
{
    /// <summary>Gets how a pattern is compared. Default: <see cref="PatternMeasure.AttentionShare"/>.</summary>
    public PatternMeasure Measure { get; init; }

    /// <summary>Gets whether attention to the first token counts for nothing: many heads rest there. Default:
    /// false.</summary>
    public bool ExcludeFirstPosition { get; init; }

    /// <summary>Gets whether attention of a token to itself counts for nothing. Default: false.</summary>
    public bool ExcludeCurrentToken { get; init; }
}
