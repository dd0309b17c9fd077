using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Sums up the patterns of the heads of a prompt, whose rows come head after head, for each
/// weighting.</summary>
sealed class HeadsSummary
{
    readonly PatternShape shape;
    readonly ImmutableArray<LargestOfHeads> largest;

    // The sums of codes; a sum for each cell has no room in a long prompt.
    readonly ImmutableArray<uint[]> sums;
    readonly ushort[] weighted;

    public HeadsSummary(PatternShape shape, ImmutableArray<AttentionWeights> weights)
    {
        this.shape = shape;
        largest = [.. weights.Select(_ => new LargestOfHeads(shape, PatternTier.OfSummary(0)))];
        if (HasMean)
            sums = [.. weights.Select(_ => new uint[shape.CellCount])];
        weighted = new ushort[shape.Tokens];
    }

    public bool HasMean => shape.Tokens <= PatternTier.MostTokensHeld;

    /// <summary>Gets the number of heads that were added.</summary>
    public int HeadCount { get; private set; }

    /// <summary>Adds the codes of a query of the present head, in the order of its keys.</summary>
    public void Add(int query, ReadOnlySpan<ushort> row, KeyFactors factors)
    {
        foreach (var (weighting, of) in factors.All.Index())
        {
            var codes = of is null ? row : Weighted(row, of);
            largest[weighting].Add(HeadCount, query, codes);
            if (!HasMean)
                continue;
            var sum = sums[weighting].AsSpan(shape.StartOf(query), codes.Length);
            for (var key = 0; key < codes.Length; key++)
                sum[key] += codes[key];
        }
    }

    /// <summary>Tells that the rows of the present head are complete.</summary>
    public void EndHead() => HeadCount++;

    /// <summary>Returns the largest code of each cell over the heads, with the first head that has it.</summary>
    public PooledPattern Largest(int weighting) => largest[weighting].ToPattern();

    /// <summary>Returns the mean of the codes of each cell.</summary>
    public PooledPattern Mean(int weighting)
    {
        var count = (uint)HeadCount;
        ushort[] codes = [.. sums[weighting].Select(sum => (ushort)((sum + (count / 2)) / count))];
        return PooledPattern.Of(new(shape, codes), PatternTier.OfSummary(0), [null]);
    }

    ReadOnlySpan<ushort> Weighted(ReadOnlySpan<ushort> row, ushort[] factors)
    {
        for (var key = 0; key < row.Length; key++)
            weighted[key] = PatternCode.Weighted(row[key], factors[key]);
        return weighted.AsSpan(0, row.Length);
    }
}
