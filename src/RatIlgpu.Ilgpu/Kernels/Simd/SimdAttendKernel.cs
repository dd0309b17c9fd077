using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdAttendKernel
{
    /// <summary>One item per share of the blocks of queries: scores, softmax and mix, key by key.</summary>
    public static void Run(
        Index1D share, ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> keyMask,
        AttentionSizes sizes, ArrayView<float> result, int shares) =>
        Attend(share, query, key, value, keyMask, sizes, result, shares);

    [IntrinsicImplementation]
    static void Attend(
        int share, ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> keyMask,
        AttentionSizes sizes, ArrayView<float> result, int shares)
    {
        using var sight = Share.Sight(keyMask, sizes);
        Share.OfItems(
            new AttendWork(
                Share.Simd, Share.Queries(query, sizes), Share.Keys(key, sizes), Share.Keys(value, sizes), sight,
                Share.Queries(result, sizes)),
            share, shares);
    }
}
