using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The kernel of tensor cores on ILGPU's CPU accelerator, where the threads of a warp emulate the
/// instruction.</summary>
public sealed class TensorCoreTests
{
    // A full tile and a part of the next; three steps of the inner axis, so that both halves of shared memory are used
    // again.
    const int Rows = 66;
    const int Outputs = 70;
    const int Inputs = 48;

    readonly float[] x = Numbers(1, Rows * Inputs);
    readonly float[] weights = Numbers(2, Outputs * Inputs);
    readonly float[] there = Numbers(3, Rows * Outputs);

    /// <summary>In tiles of 64 by 64 numbers, and of 128 by 128.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public void Exact_parts_keep_the_accuracy_of_F32(int warps)
    {
        var (error, magnitude) = Error(TensorCores.Exact, warps);
        Assert.InRange(error, 0, Tolerances.Arithmetic * magnitude);
    }

    [Fact]
    public void A_rounded_part_keeps_that_of_BF16()
    {
        var (error, magnitude) = Error(TensorCores.Rounded, 4);
        Assert.InRange(error, Tolerances.Arithmetic * magnitude, magnitude / 512);
    }

    // The largest difference from the plain device, and the largest sum of absolute products.
    (float Error, float Magnitude) Error(TensorCores tensorCores, int warps)
    {
        using var device = GroupedOnCpu.Open(tensorCores, warps);
        using var plain = new PlainDevice();
        var (actual, expected) = (AddLinear(device, x, weights), AddLinear(plain, x, weights));
        Assert.All(actual, number => Assert.True(float.IsFinite(number)));
        var magnitudes = AddLinear(plain, [.. x.Select(Math.Abs)], [.. weights.Select(Math.Abs)]);
        return (actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), magnitudes.Max());
    }

    float[] AddLinear(Device device, float[] x, float[] weights) => Workbench.On(
        device,
        on =>
        {
            var result = on.Put(there, Rows, Outputs);
            on.Device.AddLinear(
                on.Put(x, Rows, Inputs), on.Weights(DataType.BF16, weights, Outputs, Inputs), result);
            return on.Read(result);
        },
        Workbench.EvenFrame);

    static float[] Numbers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
