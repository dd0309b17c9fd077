namespace RatIlgpu.Ilgpu;

static unsafe class SimdFillKernel
{
    /// <summary>One item per share of the numbers: <c>destination = value</c>.</summary>
    public static void Run(Index1D share, float value, ArrayView<float> destination, int shares) =>
        Fill(share, value, destination, shares);

    [IntrinsicImplementation]
    static void Fill(int share, float value, ArrayView<float> destination, int shares)
    {
        var (start, end) = Share.Range(destination.Length, share, shares);
        for (; start < end; start += int.MaxValue)
            new Span<float>(Share.Of(destination) + start, (int)Math.Min(int.MaxValue, end - start)).Fill(value);
    }
}
