using System.Text.RegularExpressions;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Devices refuse allocations that do not fit, and tensors whose memory was freed.</summary>
public sealed partial class MemoryTests
{
    [Fact]
    public void What_does_not_fit_says_how_many_bytes_it_needs_and_how_many_are_free()
    {
        using var device = IlgpuDevices.Open("ilgpu-cpu");
        var before = FreeOf(device);
        using (device.Allocate(1 << 20))
            Assert.Equal(before - (4 << 20), FreeOf(device));
        Assert.Equal(before, FreeOf(device));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tensor_of_a_disposed_device_is_refused(bool grouped)
    {
        var device = grouped ? GroupedOnCpu.Open<WarpReduction>() : IlgpuDevices.Open("ilgpu-cpu");
        using var tensor = device.Allocate(8);
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Fill(1, tensor));
        Assert.Throws<ObjectDisposedException>(() => device.Download(tensor));
        Assert.Throws<ObjectDisposedException>(() => device.Upload(new float[8], tensor));
    }

    static long FreeOf(Device device)
    {
        var refusal = Assert.Throws<InsufficientMemoryException>(() => device.Allocate(1 << 20, 1 << 20)).Message;
        var said = Refusal().Match(refusal);
        Assert.True(said.Success, refusal);
        return long.Parse(said.Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^ilgpu-cpu: F32 \[1048576, 1048576\] needs 4,398,046,511,104 bytes, ([0-9,]+) are free;")]
    private static partial Regex Refusal();
}
