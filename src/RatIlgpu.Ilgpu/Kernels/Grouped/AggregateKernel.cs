namespace RatIlgpu.Ilgpu;

static class AggregateKernel
{
    /// <summary>Every thread, from its query and key on in steps of the grid: the probabilities of the chosen heads,
    /// made from
    /// <see cref="StatisticsKernel">their statistics</see> and reduced to one, head after head.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>.</param>
    /// <param name="keyMask"><c>[keys]</c>, or empty.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="heads">The chosen heads, ascending.</param>
    /// <param name="statistics"><c>[queries, chosen heads, 2]</c>.</param>
    /// <param name="largest">Not 0 for the maximum over the heads, 0 for the mean.</param>
    /// <param name="result"><c>[queries, keys]</c>.</param>
    public static void Run(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        ArrayView<int> heads, ArrayView<float> statistics, int largest, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
        {
            var (q, k) = ((int)(i / sizes.Keys), (int)(i % sizes.Keys));
            var reduced = 0f;
            for (var j = 0; j < heads.IntLength; j++)
            {
                var at = ((long)q * heads.IntLength + j) * 2;
                var share = Share(query, key, keyMask, sizes, q, heads[j], k, statistics[at], statistics[at + 1]);
                reduced = largest != 0 ? IntrinsicMath.Max(reduced, share) : reduced + share / heads.IntLength;
            }

            result[i] = reduced;
        }
    }

    static float Share(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes, int q, int head,
        int k, float largest, float sum)
    {
        if (sum == 0f)
            return 1f / sizes.Keys;
        if (!sizes.Sees(keyMask, q, k))
            return 0;
        return Maths.Exp(sizes.Score(query, key, keyMask, q, head, k) - largest) / sum;
    }
}
