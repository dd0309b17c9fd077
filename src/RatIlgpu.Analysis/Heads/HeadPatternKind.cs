namespace RatIlgpu.Analysis;

/// <summary>Which keys a head of a known kind attends to.</summary>
public enum HeadPatternKind
{
    /// <summary>The token before: query i, key i − 1.</summary>
    PreviousToken,

    /// <summary>Earlier occurrences of the same token: query i, keys j &lt; i with the token of i.</summary>
    DuplicateToken,

    /// <summary>The tokens behind earlier occurrences of the same token: query i, keys j ≤ i whose token before is that
    /// of i.</summary>
    Induction,
}
