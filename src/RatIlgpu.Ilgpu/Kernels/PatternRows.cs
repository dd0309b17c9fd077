namespace RatIlgpu.Ilgpu;

static class PatternRowsKernel
{
    /// <summary>One group per chosen head and row: scores the keys that the query sees, and turns the scores into
    /// probabilities.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>.</param>
    /// <param name="keyMask"><c>[keys]</c>, or empty.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="chosen">The heads and the queries.</param>
    /// <param name="result"><c>[chosen heads, rows, keys]</c>.</param>
    public static void Run<TReduction>(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        AttentionChoice chosen, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var rows = chosen.Queries.IntLength;
        var (head, q) = (chosen.Heads[Grid.IdxX / rows], chosen.Queries[Grid.IdxX % rows]);
        var row = (long)Grid.IdxX * sizes.Keys;
        var (first, end) = (sizes.FirstKey(q), sizes.EndKey(q));

        var largest = Limits.Lowest;
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
        {
            var score = k < first || k >= end
                ? float.NegativeInfinity
                : sizes.Score(query, key, keyMask, q, head, k);
            result[row + k] = score;
            largest = IntrinsicMath.Max(largest, score);
        }

        SoftmaxKernel.Finish<TReduction>(result, row, sizes.Keys, largest, scratch);
    }
}
