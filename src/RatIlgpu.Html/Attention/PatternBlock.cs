namespace RatIlgpu.Html;

/// <summary>A pattern in a page, which can be written with less detail to make room.</summary>
/// <param name="id">The identifier of its block of data.</param>
/// <param name="level">The level at which it is packed.</param>
/// <param name="packing">Packs it.</param>
/// <param name="lower">Packs it again, from one level to a lower one.</param>
sealed class PatternBlock(
    string id, int level, Task<PackedPattern> packing, Func<PackedPattern, int, int, PackedPattern> lower)
{
    /// <summary>Gets the packed pattern.</summary>
    public PackedPattern Packed
    {
        get => field ??= packing.GetAwaiter().GetResult();
        private set;
    }

    /// <summary>Gets the number of characters of its data.</summary>
    public long Length => (Packed.Bytes.Length + 2L) / 3 * 4;

    /// <summary>Gets the largest difference between a code and the one that the page shows.</summary>
    public int Error => Packed.Error;

    public void LowerTo(int to)
    {
        if (level < to)
            Packed = lower(Packed, level, to);
        level = to;
    }

    public DataBlock ToData() => new(id, "application/octet-stream", Convert.ToBase64String(Packed.Bytes));

    /// <summary>Starts to pack the pattern of a head.</summary>
    public static PatternBlock OfHead(
        string id, int level, PatternShape shape, ImmutableArray<AttentionWeights> weights, Func<PackedPattern> pack) =>
        new(id, level, Task.Run(pack), (packed, from, to) =>
        {
            var (high, low) = (PatternTier.At(from, shape.Tokens), PatternTier.At(to, shape.Tokens));
            if (high == low || (high.SideFor(shape), high.Strongest) == (low.SideFor(shape), low.Strongest))
                return packed;
            if (high.IsExact)
                return PackedPattern.Of(packed.ReadExact(shape, weights, out var codes), low, codes);
            return PackedPattern.Of(packed.ReadPooled(shape, high, weights, out var factors).Lowered(low), factors);
        });

    /// <summary>Starts to pack the pattern of several heads.</summary>
    public static PatternBlock OfSummary(
        string id, int level, PatternShape shape, bool hasWinners, Func<PooledPattern> make) => new(
        id, level, Start(make, level), (packed, from, to) =>
        {
            var (high, low) = (PatternTier.OfSummary(from), PatternTier.OfSummary(to));
            return high == low
                ? packed
                : PackedPattern.Of(Lowered(packed.ReadSummary(shape, high, hasWinners), low));
        });

    // Apart, so that what makes a summary, which is large, is not held by what lowers it.
    static Task<PackedPattern> Start(Func<PooledPattern> make, int level) =>
        Task.Run(() => PackedPattern.Of(Lowered(make(), PatternTier.OfSummary(level))));

    static PooledPattern Lowered(PooledPattern pattern, PatternTier tier) =>
        (tier.SideFor(pattern.Shape), tier.Strongest) == (pattern.Side, pattern.Strongest)
            ? pattern
            : pattern.Lowered(tier);
}
