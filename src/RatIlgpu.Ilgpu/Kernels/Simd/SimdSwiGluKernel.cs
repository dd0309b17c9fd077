namespace RatIlgpu.Ilgpu;

static unsafe class SimdSwiGluKernel
{
    /// <summary>One item per share of the numbers: <c>result = silu(gate) ⊙ up</c>.</summary>
    public static void Run(
        Index1D share, ArrayView<float> gate, ArrayView<float> up, ArrayView<float> result, int shares) =>
        SwiGlu(share, gate, up, result, shares);

    [IntrinsicImplementation]
    static void SwiGlu(int share, ArrayView<float> gate, ArrayView<float> up, ArrayView<float> result, int shares)
    {
        var (start, end) = Share.Range(result.Length, share, shares);
        Share.Simd.SwiGlu(Share.Of(gate) + start, Share.Of(up) + start, Share.Of(result) + start, (nint)(end - start));
    }
}
