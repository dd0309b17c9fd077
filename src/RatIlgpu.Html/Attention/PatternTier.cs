namespace RatIlgpu.Html;

/// <summary>How much of a pattern a page keeps.</summary>
/// <param name="Side">The most rows and columns of the map of a pattern; 0 if every cell has its code.</param>
/// <param name="Strongest">The number of strongest keys of each query that keep their codes.</param>
readonly record struct PatternTier(int Side, int Strongest)
{
    /// <summary>Every cell has its code.</summary>
    public static PatternTier Exact { get; } = new(0, 0);

    public bool IsExact => Side == 0;

    /// <summary>Returns the rows and columns of the map.</summary>
    public int SideFor(PatternShape shape) => IsExact ? shape.Tokens : Math.Min(Side, shape.Tokens);

    /// <summary>Returns the name of the tier: <c>exact</c>; <c>compact</c> if the map has every cell; or <c>topk</c>.
    /// </summary>
    public string NameFor(PatternShape shape) =>
        IsExact ? "exact" : SideFor(shape) == shape.Tokens ? "compact" : "topk";
}
