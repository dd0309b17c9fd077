using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdAggregateKernel
{
    /// <summary>One item per share of the queries: the rows of some heads, made and reduced to one.</summary>
    public static void Run(
        Index1D share, ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        HeadReduction reduction, ArrayView<int> heads, ArrayView<float> result, int shares) =>
        Aggregate(share, query, key, keyMask, sizes, reduction, heads, result, shares);

    [IntrinsicImplementation]
    static void Aggregate(
        int share, ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        HeadReduction reduction, ArrayView<int> heads, ArrayView<float> result, int shares)
    {
        using var sight = Share.Sight(keyMask, sizes);
        var chosen = new ReadOnlySpan<int>(Share.Of(heads), checked((int)heads.Length)).ToArray();
        Share.OfItems(
            new AggregateWork(
                new PatternRows(Share.Simd, sight), Share.Queries(query, sizes), Share.Keys(key, sizes), reduction,
                chosen, Share.Of(result)),
            share, shares);
    }
}
