using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdRmsNormKernel
{
    /// <summary>One item per share of the rows: <c>result = gain ⊙ x / sqrt(mean(x²) + epsilon)</c>.</summary>
    public static void Run(
        Index1D share, ArrayView<float> x, ArrayView<byte> gain, DataType format, float epsilon,
        ArrayView<float> result, int width, int shares) =>
        RmsNorm(share, x, gain, format, epsilon, result, width, shares);

    [IntrinsicImplementation]
    static void RmsNorm(
        int share, ArrayView<float> x, ArrayView<byte> gain, DataType format, float epsilon,
        ArrayView<float> result, int width, int shares)
    {
        using var gains = HostTensor.Allocate(new Shape(width));
        Share.Simd.Widen(Share.Of(gain), format, (float*)gains.Data, width);
        Share.Of(
            new RmsNormWork(
                Share.Simd, Matrix.Packed(Share.Of(x), width), (float*)gains.Data, epsilon,
                Matrix.Packed(Share.Of(result), width), new Extent((nint)(x.Length / width), width, 0)),
            share, shares);
    }
}
