namespace RatIlgpu.Ilgpu;

static unsafe class SimdAddKernel
{
    /// <summary>One item per share of the numbers: <c>result = x + y</c>.</summary>
    public static void Run(
        Index1D share, ArrayView<float> x, ArrayView<float> y, ArrayView<float> result, int shares) =>
        Add(share, x, y, result, shares);

    [IntrinsicImplementation]
    static void Add(int share, ArrayView<float> x, ArrayView<float> y, ArrayView<float> result, int shares)
    {
        var (start, end) = Share.Range(result.Length, share, shares);
        Share.Simd.Add(Share.Of(x) + start, Share.Of(y) + start, Share.Of(result) + start, (nint)(end - start));
    }
}
