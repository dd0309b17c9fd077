using ILGPU.Runtime.CPU;
using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Attention in tiles, for which the groups of the contract are too small.</summary>
public sealed class FlashTests : IDisposable
{
    readonly GroupedDevice<WarpReduction> device =
        (GroupedDevice<WarpReduction>)GroupedOnCpu.Open<WarpReduction>(new CPUDevice(32, 4, 1));
    readonly PlainDevice plain = new();

    public void Dispose()
    {
        device.Dispose();
        plain.Dispose();
    }

    /// <summary>Part of a tile; two tiles, the second in part; keys before the queries; windows that leave tiles of
    /// keys out; hidden keys; rows that see no key.</summary>
    [Theory]
    [InlineData(5, 5, 2, 2, 64, int.MaxValue, 0)]
    [InlineData(11, 47, 7, 1, 64, int.MaxValue, 1)]
    [InlineData(70, 70, 1, 1, 64, 3, 0)]
    [InlineData(9, 40, 4, 2, 64, int.MaxValue, 2)]
    [InlineData(33, 39, 2, 2, 128, int.MaxValue, 0)]
    [InlineData(7, 70, 7, 1, 128, 20, 1)]
    public void Every_row_of_every_tile_is_right(
        int queries, int keys, int heads, int keyHeads, int size, int window, int masked)
    {
        var attention = new AttentionCase(queries, heads, keys, keyHeads, size)
        {
            Window = window,
            Mask = masked == 0 ? null : [.. Enumerable.Range(0, keys).Select(k => masked == 1 && k % 3 == 0 ? 1f : 0f)],
        };
        var expected = Workbench.On(plain, attention.Attend, Workbench.EvenFrame);
        var actual = Workbench.On(device, attention.Attend, Workbench.EvenFrame);
        Assert.Equal(typeof(FlashAttendKernel), device.LastKernel?.DeclaringType);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(
            pair.Second - pair.First, -Bound(attention), Bound(attention)));
    }

    static float Bound(AttentionCase attention) => Tolerances.Arithmetic * (1 + attention.LargestScore);
}
