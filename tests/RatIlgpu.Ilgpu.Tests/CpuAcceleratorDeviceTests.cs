using RatIlgpu.Models;
using RatIlgpu.Tensors;
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
        Assert.Equal(Sums(one), Sums(several));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_it_computed_is_read_on_as_many_threads_as_it_has(int threads)
    {
        using var device = IlgpuDevices.Open("ilgpu-cpu", threads);
        Assert.Equal(threads, device.ThreadCount);
    }

    [Fact]
    public void Weights_whose_memory_was_freed_are_refused_and_not_read()
    {
        using var device = new CpuAcceleratorDevice("freed", 1);
        using Tensor x = device.Allocate(1, 4), result = device.Allocate(1, 2);
        var host = HostTensor.Of(new(2, 4), new float[8]);
        using var weight = device.Load(host);
        device.Linear(x, weight, null, result);
        host.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Linear(x, weight, null, result));
    }

    [Fact]
    public void Nothing_is_loaded_by_a_disposed_device()
    {
        var device = new CpuAcceleratorDevice("disposed", 1);
        device.Dispose();
        using var host = HostTensor.Of(new(2), [1, 2]);
        Assert.Throws<ObjectDisposedException>(() => device.Load(host));
    }

    static float[] Sums(Device device)
    {
        using var pattern = device.Allocate(3, 40, 40);
        using Tensor sums = device.Allocate(3, 3), entropies = device.Allocate(3, 40);
        var random = new Random(1);
        device.Upload([.. Enumerable.Range(0, 3 * 40 * 40).Select(_ => random.NextSingle())], pattern);
        int[] cells = [.. Enumerable.Range(0, 1600)];
        device.SumCells(pattern, new(40, 40, [0, 1, 70, 1600], [.. cells], [.. cells.Select(i => 1f / (i + 3))]), sums);
        device.Entropy(pattern, entropies);
        return [.. device.Download(sums), .. device.Download(entropies)];
    }

    static List<(Site Site, Shape Shape, float[] Numbers)> Run(TinyQwen2 tiny, Device device)
    {
        var probe = new RecordingProbe(_ => true);
        using var model = tiny.On(device);
        using var logits = model.Forward(tiny.Prompt(33), new ForwardOptions { Probe = probe });
        return probe.Shown;
    }
}
