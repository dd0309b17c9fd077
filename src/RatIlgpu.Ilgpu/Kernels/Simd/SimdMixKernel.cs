using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdMixKernel
{
    /// <summary>One item per share of the blocks of queries: <c>result[q, h] = Σₖ pattern[h, q, k]·value[k, h div
    /// r]</c>.</summary>
    public static void Run(
        Index1D share, ArrayView<float> pattern, ArrayView<float> value, AttentionSizes sizes, ArrayView<float> result,
        int shares) =>
        Mix(share, pattern, value, sizes, result, shares);

    [IntrinsicImplementation]
    static void Mix(
        int share, ArrayView<float> pattern, ArrayView<float> value, AttentionSizes sizes, ArrayView<float> result,
        int shares) =>
        Share.OfItems(
            new MixWork(Share.Simd, Share.Of(pattern), Share.Keys(value, sizes), Share.Queries(result, sizes)),
            share, shares);
}
