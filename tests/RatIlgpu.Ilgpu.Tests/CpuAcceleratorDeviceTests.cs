using ILGPU.Runtime.CPU;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Every operation is launched, however small it is.</summary>
public sealed class LaunchedContract : DeviceContract
{
    protected override Device Create() => new CpuAcceleratorDevice("launched", 3, launchTime: TimeSpan.Zero);
}

public sealed class CpuAcceleratorDeviceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Bits_are_those_of_the_cpu_device(int threads)
    {
        using var tiny = new TinyQwen2();
        using var cpu = new CpuDevice(1);
        using var launched = new CpuAcceleratorDevice("launched", threads, launchTime: TimeSpan.Zero);
        var (expected, actual) = (Run(tiny, cpu), Run(tiny, launched));
        Assert.Equal(expected.Select(shown => shown.Site), actual.Select(shown => shown.Site));
        foreach (var (there, here) in expected.Zip(actual))
            Assert.Equal(there.Numbers, here.Numbers);
    }

    [Fact]
    public void Every_share_runs_once()
    {
        using var accelerator = Open();
        using var scheduler = new LaunchedShares(accelerator, 3, TimeSpan.Zero);
        for (var run = 0; run < 2; run++)
        {
            var calls = new int[3];
            scheduler.Run(share => Interlocked.Increment(ref calls[share]));
            Assert.Equal([1, 1, 1], calls);
        }
    }

    [Fact]
    public void An_exception_of_a_share_reaches_the_caller_after_the_other_shares_have_run()
    {
        using var accelerator = Open();
        using var scheduler = new LaunchedShares(accelerator, 3, TimeSpan.Zero);
        var calls = 0;
        var failed = Assert.Throws<InvalidOperationException>(() => scheduler.Run(share =>
        {
            Interlocked.Increment(ref calls);
            if (share == 1)
                throw new InvalidOperationException("share 1");
        }));
        Assert.Equal(("share 1", 3), (failed.Message, calls));
        scheduler.Run(_ => Interlocked.Increment(ref calls));
        Assert.Equal(6, calls);
    }

    [Fact]
    public void A_disposed_scheduler_runs_nothing()
    {
        using var accelerator = Open();
        var scheduler = new LaunchedShares(accelerator, 2, TimeSpan.Zero);
        scheduler.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scheduler.Run(_ => { }));
    }

    static CPUAccelerator Open() => (CPUAccelerator)new CPUDevice(2, 1, 3).CreateAccelerator(Accelerators.Context);

    static List<(Site Site, Tensors.Shape Shape, float[] Numbers)> Run(TinyQwen2 tiny, Device device)
    {
        var probe = new RecordingProbe(_ => true);
        using var model = tiny.On(device);
        using var logits = model.Forward(tiny.Prompt(33), new ForwardOptions { Probe = probe });
        return probe.Shown;
    }
}
