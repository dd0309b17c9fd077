using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The kernel of tensor cores on ILGPU's CPU accelerator, where the threads of a warp emulate the
/// instruction.</summary>
public sealed class TensorCoreTests
{
    // A full tile and a part of the next; two steps of the inner axis.
    const int Rows = 66;
    const int Outputs = 35;
    const int Inputs = 32;

    readonly float[] x = Numbers(1, Rows * Inputs);
    readonly float[] weights = Numbers(2, Outputs * Inputs);
    readonly float[] there = Numbers(3, Rows * Outputs);

    [Fact]
    public void Exact_parts_keep_the_accuracy_of_F32()
    {
        var (error, magnitude) = Error(TensorCores.Exact);
        Assert.InRange(error, 0, Tolerances.Arithmetic * magnitude);
    }

    [Fact]
    public void A_rounded_part_keeps_that_of_BF16()
    {
        var (error, magnitude) = Error(TensorCores.Rounded);
        Assert.InRange(error, Tolerances.Arithmetic * magnitude, magnitude / 512);
    }

    // The largest difference from the plain device, and the largest sum of absolute products.
    (float Error, float Magnitude) Error(TensorCores tensorCores)
    {
        using var device = GroupedOnCpu.Open(tensorCores);
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
