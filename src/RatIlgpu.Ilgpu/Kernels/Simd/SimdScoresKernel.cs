using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdScoresKernel
{
    /// <summary>One item per share of the blocks of queries: <c>result[h, q, k] = query[q, h]·key[k, h div r] /
    /// sqrt(headSize)</c>.
    /// </summary>
    public static void Run(
        Index1D share, ArrayView<float> query, ArrayView<float> key, AttentionSizes sizes, ArrayView<float> result,
        int shares) =>
        Scores(share, query, key, sizes, result, shares);

    [IntrinsicImplementation]
    static void Scores(
        int share, ArrayView<float> query, ArrayView<float> key, AttentionSizes sizes, ArrayView<float> result,
        int shares) =>
        Share.OfItems(
            new ScoresWork(Share.Simd, Share.Queries(query, sizes), Share.Keys(key, sizes), Share.Of(result)),
            share, shares);
}
