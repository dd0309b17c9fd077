using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdSoftmaxKernel
{
    /// <summary>One item per share of the rows: scores become probabilities over the keys that a query sees.</summary>
    public static void Run(
        Index1D share, ArrayView<float> scores, ArrayView<float> keyMask, AttentionSizes sizes, ArrayView<float> result,
        int shares) =>
        Softmax(share, scores, keyMask, sizes, result, shares);

    [IntrinsicImplementation]
    static void Softmax(
        int share, ArrayView<float> scores, ArrayView<float> keyMask, AttentionSizes sizes, ArrayView<float> result,
        int shares)
    {
        using var sight = Share.Sight(keyMask, sizes);
        Share.Of(
            new SoftmaxWork(new PatternRows(Share.Simd, sight), sight, Share.Of(scores), sizes.Heads, Share.Of(result)),
            share, shares);
    }
}
