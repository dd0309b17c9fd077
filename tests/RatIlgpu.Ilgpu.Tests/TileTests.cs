using ILGPU.Runtime.CPU;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Products in the tiles of GPUs. The contract runs in groups of four threads, which use only the smallest
/// tiles.</summary>
public sealed class TileTests
{
    // A full tile of either size and a part of the next.
    const int Rows = 67;
    const int Outputs = 70;

    /// <summary>Groups of 64 and of 256 threads; numbers loaded in fours, and one by one.</summary>
    [Theory]
    [InlineData(2, 32)]
    [InlineData(8, 32)]
    [InlineData(2, 19)]
    [InlineData(8, 19)]
    public void Every_number_of_every_tile_is_right(int warps, int inputs)
    {
        using var device = GroupedOnCpu.Open<WarpReduction>(new CPUDevice(32, warps, 1));
        using var plain = new PlainDevice();
        foreach (var format in (DataType[])[DataType.F32, DataType.F16, DataType.BF16])
            Assert.Equal(Linear(plain, format, inputs), Linear(device, format, inputs));
    }

    // Whole numbers: no order of addition rounds their sums.
    static float[] Linear(Device device, DataType format, int inputs) => Workbench.On(
        device,
        on =>
        {
            var result = on.Allocate(Rows, Outputs);
            on.Device.Linear(
                on.Put(Numbers(1, Rows * inputs), Rows, inputs),
                on.Weights(format, Numbers(2, Outputs * inputs), Outputs, inputs), null, result);
            return on.Read(result);
        },
        Workbench.EvenFrame);

    static float[] Numbers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-8, 9))];
    }
}
