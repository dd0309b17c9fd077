using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class StreamCopiesTests
{
    [Fact]
    public void A_layer_has_the_positions_from_the_first_one_that_a_run_starts_at()
    {
        using var tiny = new TinyQwen2();
        using var device = new WatchedDevice(new CpuDevice());
        using var model = tiny.On(device);
        var (ids, width) = (tiny.Prompt(9), tiny.Config.HiddenSize);
        var whole = new Testing.RecordingProbe(site => site.Activation == Activation.ResidualBefore);
        using (var copies = new StreamCopies(device, [(2, 7), (1, 4), (2, 5), (2, 8)]))
        {
            Assert.False(copies.Wants(new(Activation.ResidualBefore, 0)));
            model.Run(ids, new() { Probe = new ProbePair(whole, copies) });
            var before = device.Allocated;
            foreach (var (layer, position) in ((int, int)[])[(2, 5), (2, 7), (2, 8), (1, 4), (1, 6)])
                Assert.Equal(
                    whole[new(Activation.ResidualBefore, layer)][(position * width)..],
                    device.Download(copies.From(layer, position)));
            Assert.Equal(before, device.Allocated);
            var live = device.LiveCount;
            copies.Dispose();
            Assert.Equal(live - 2, device.LiveCount);
        }
    }

    [Fact]
    public void A_copy_is_no_larger_than_these_positions()
    {
        using var device = new WatchedDevice();
        using var copies = new StreamCopies(device, [(0, 6), (0, 8)]);
        using var stream = device.Allocate(10, 3);
        device.Fill(1, stream);
        var before = device.Allocated;
        copies.Show(new(Activation.ResidualBefore, 0), stream, device);
        Assert.Equal(4 * 3, device.Allocated - before);
    }
}
