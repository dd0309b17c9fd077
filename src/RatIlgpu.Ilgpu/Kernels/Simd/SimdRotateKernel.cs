using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu;

static unsafe class SimdRotateKernel
{
    /// <summary>One item per share of the positions: pairs <c>(m, m + headSize/2)</c> turned by the angles of their
    /// position.</summary>
    public static void Run(
        Index1D share, ArrayView<float> x, ArrayView<float> angles, ArrayView<float> result, AttentionSizes sizes,
        int shares) =>
        Rotate(share, x, angles, result, sizes, shares);

    [IntrinsicImplementation]
    static void Rotate(
        int share, ArrayView<float> x, ArrayView<float> angles, ArrayView<float> result, AttentionSizes sizes,
        int shares) =>
        Share.Of(
            new RotateWork(Share.Simd, Share.Queries(x, sizes), Share.Of(angles), Share.Queries(result, sizes)),
            share, shares);
}
