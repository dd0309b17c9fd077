namespace RatIlgpu.Html;

/// <summary>How much of a pattern a page keeps.</summary>
/// <param name="Side">The most rows and columns of the map of a pattern; 0 if every cell has its code.</param>
/// <param name="Strongest">The number of strongest keys of each query that keep their codes.</param>
readonly record struct PatternTier(int Side, int Strongest)
{
    /// <summary>The most tokens of a prompt whose patterns are held whole.</summary>
    public const int MostTokensHeld = 2_048;

    /// <summary>The most tokens of a prompt: the place of a key has 16 bits.</summary>
    public const int MostTokens = 65_536;

    /// <summary>The largest map of a long prompt, and of a summary.</summary>
    public const int LargestMap = 512;

    /// <summary>The number of keys of a query in the largest pooled pattern, and in a summary.</summary>
    public const int MostStrongest = 32;

    // Each is a pooled pattern of the one before, so that sides halve once the map does not have every cell.
    static readonly PatternTier[] Ladder =
    [
        Exact, new(MostTokensHeld, MostStrongest), new(LargestMap, MostStrongest), new(256, MostStrongest),
        new(256, 16), new(128, 16), new(128, 8), new(64, 8), new(64, 4),
    ];

    static readonly PatternTier Long = new(LargestMap, 2 * MostStrongest);

    /// <summary>Every cell has its code.</summary>
    public static PatternTier Exact => default;

    /// <summary>Gets the number of levels, each of which takes less space than the one before.</summary>
    public static int LevelCount => Ladder.Length;

    public bool IsExact => Side == 0;

    /// <summary>Returns the tier of a prompt at a level; level 0 keeps the most.</summary>
    public static PatternTier At(int level, int tokens) =>
        tokens > MostTokensHeld && level < 2 ? Long : Ladder[level];

    /// <summary>Returns the tier of the summaries of a prompt at a level.</summary>
    public static PatternTier OfSummary(int level) => Ladder[Math.Max(level, 2)];

    /// <summary>Returns the rows and columns of the map.</summary>
    public int SideFor(PatternShape shape) => IsExact ? shape.Tokens : Math.Min(Side, shape.Tokens);

    /// <summary>Returns the name of the tier: <c>exact</c>; <c>compact</c> if the map has every cell; or <c>topk</c>.
    /// </summary>
    public string NameFor(PatternShape shape) =>
        IsExact ? "exact" : SideFor(shape) == shape.Tokens ? "compact" : "topk";
}
