using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class OneThreadContract : DeviceContract
{
    protected override Device Create() => new CpuAcceleratorDevice("launched", 3);
}

public sealed class CpuAcceleratorDeviceTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void Bits_do_not_depend_on_the_number_of_threads(int threads)
    {
        using var tiny = new TinyQwen2();
        using CpuAcceleratorDevice one = new("one", 1), several = new("several", threads);
        var (expected, actual) = (Run(tiny, one), Run(tiny, several));
        Assert.Equal(expected.Select(shown => shown.Site), actual.Select(shown => shown.Site));
        foreach (var (there, here) in expected.Zip(actual))
            Assert.Equal(there.Numbers, here.Numbers);
    }

    static List<(Site Site, Tensors.Shape Shape, float[] Numbers)> Run(TinyQwen2 tiny, Device device)
    {
        var probe = new RecordingProbe(_ => true);
        using var model = tiny.On(device);
        using var logits = model.Forward(tiny.Prompt(33), new ForwardOptions { Probe = probe });
        return probe.Shown;
    }
}
