namespace RatIlgpu.Ilgpu.Tests;

/// <summary>What a device says of memory that it has not, or no more.</summary>
public sealed class MemoryTests
{
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
}
