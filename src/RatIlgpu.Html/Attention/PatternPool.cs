namespace RatIlgpu.Html;

/// <summary>Makes a pooled pattern of rows that come one after the other; the whole pattern is never held.</summary>
/// <param name="shape">The cells.</param>
/// <param name="tier">The side of the map and the number of strongest keys, in [1, 255].</param>
/// <param name="factors">The codes of the factors of the keys for each weighting; null for no factors.</param>
sealed class PatternPool(PatternShape shape, PatternTier tier, ImmutableArray<ushort[]?> factors)
{
    readonly PatternMap map = new(shape, tier);
    readonly byte[] counts = new byte[shape.Tokens];
    readonly List<ushort> keys = [];
    readonly List<ushort> codes = [];
    readonly ImmutableArray<uint[]> sums = [.. factors.Select(_ => new uint[shape.Tokens])];
    readonly StrongestKeys strongest = new(tier.Strongest);

    /// <summary>Adds the codes of the next query, in the order of its keys.</summary>
    public void Add(int query, ReadOnlySpan<ushort> row)
    {
        map.Add(query, row);
        foreach (var (weighting, of) in factors.Index())
            sums[weighting][query] = SumOf(row, of);
        var found = strongest.In(row);
        foreach (var (key, code) in found)
        {
            keys.Add(key);
            codes.Add(code);
        }

        counts[query] = (byte)found.Length;
    }

    public PooledPattern ToPattern() => new()
    {
        Shape = shape,
        Side = tier.SideFor(shape),
        Strongest = tier.Strongest,
        Map = map.ToRoots(),
        Counts = counts,
        Keys = [.. keys],
        Codes = [.. codes],
        Sums = sums,
    };

    static uint SumOf(ReadOnlySpan<ushort> row, ushort[]? factors)
    {
        var sum = 0u;
        if (factors is null)
            foreach (var code in row)
                sum += code;
        else
            for (var key = 0; key < row.Length; key++)
                sum += PatternCode.Weighted(row[key], factors[key]);
        return sum;
    }
}
