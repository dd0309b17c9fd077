using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The steps by which rows of a pattern are made.</summary>
readonly unsafe struct PatternRows(Simd simd, Sight sight)
{
    /// <summary>Packs the query of a head. The scale goes into the few queries, not into the many scores.</summary>
    public static void Pack(Simd simd, Heads queries, int query, int head, float* packed) =>
        simd.Scale(queries.Of(head, query).Row(0), 1 / MathF.Sqrt(queries.Size), packed, queries.Size);

    /// <summary>Scores the keys that a query sees, for heads of one group: they read the same keys, one product scores
    /// them all.</summary>
    public void Score(Heads queries, int query, ReadOnlySpan<int> heads, Heads keys, Matrix packed, Matrix scores)
    {
        for (var i = 0; i < heads.Length; i++)
            Pack(simd, queries, query, heads[i], packed.Row(i));
        var first = sight.FirstKey(query);
        simd.Linear(
            packed, keys.Of(heads[0] / (queries.Count / keys.Count), first), DataType.F32,
            scores.From(0, first * sizeof(float)), new Extent(heads.Length, sight.EndKey(query) - first, keys.Size),
            accumulate: false);
    }

    /// <summary>Turns a whole row of scores into probabilities: 0 for keys that its query does not see, all alike where
    /// it sees none.</summary>
    public void Finish(float* scores, int query)
    {
        var row = new Span<float>(scores, sight.Keys);
        row[..sight.FirstKey(query)].Clear();
        row[sight.EndKey(query)..].Clear();
        if (!TrySoftmax(scores, query))
            row.Fill(1f / sight.Keys);
    }

    /// <summary>Turns the scores of a row, where its query sees keys, into probabilities; false where it sees
    /// none.</summary>
    public bool TrySoftmax(float* row, int query)
    {
        var (first, count) = (sight.FirstKey(query), sight.EndKey(query) - sight.FirstKey(query));
        if (sight.Penalties != null)
            simd.Add(row + first, sight.Penalties + first, row + first, count);
        var largest = simd.Largest(row + first, count);
        if (float.IsNegativeInfinity(largest))
            return false;
        var sum = simd.Exponentials(row + first, largest, count);
        simd.Scale(row + first, 1 / sum, row + first, count);
        return true;
    }

    /// <summary>Reduces the row of one head into that of all.</summary>
    public void Reduce(float* pattern, int query, HeadReduction reduction, int heads, float* row)
    {
        var (first, count) = (sight.FirstKey(query), sight.EndKey(query) - sight.FirstKey(query));
        if (reduction == HeadReduction.Max)
            simd.Maximize(pattern + first, row + first, count);
        else
            simd.AddScaled(pattern + first, 1f / heads, row + first, count);
    }
}
