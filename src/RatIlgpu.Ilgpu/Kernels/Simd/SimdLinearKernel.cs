using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdLinearKernel
{
    /// <summary>One item per share of the outputs: <c>result = x·weightᵀ + bias</c>, or added to what is
    /// there.</summary>
    public static void Run(
        Index1D share, ArrayView<float> x, ArrayView<byte> weight, ArrayView<byte> bias, LinearSizes sizes,
        ArrayView<float> result, int shares) =>
        Linear(share, x, weight, bias, sizes, result, shares);

    [IntrinsicImplementation]
    static void Linear(
        int share, ArrayView<float> x, ArrayView<byte> weight, ArrayView<byte> bias, LinearSizes sizes,
        ArrayView<float> result, int shares) =>
        Share.Of(
            new LinearWork(
                Share.Simd, Matrix.Packed(Share.Of(x), sizes.Inputs), new Stored(Share.Of(weight), sizes.WeightFormat),
                new Stored(Share.Of(bias), sizes.BiasFormat), sizes.Accumulate != 0,
                Matrix.Packed(Share.Of(result), sizes.Outputs), new Extent(sizes.Rows, sizes.Outputs, sizes.Inputs)),
            share, shares);
}
