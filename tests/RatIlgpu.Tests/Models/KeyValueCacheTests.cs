using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class KeyValueCacheTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;
    readonly KeyValueCache cache;

    public KeyValueCacheTests()
    {
        model = tiny.On(device);
        cache = new(model.Config, device, 16);
    }

    [Fact]
    public void Positions_that_no_run_wrote_are_not_restored()
    {
        Refused(1, 0, 0);
        model.Run(tiny.Prompt(5), new() { Cache = cache });
        Refused(6, 5, 5);
        Refused(4, 5, 5);
        cache.Truncate(2);
        Refused(6, 2, 5);
        cache.Restore(5);
        Assert.Equal(5, cache.Count);
    }

    [Fact]
    public void Positions_of_a_run_that_stopped_early_or_began_in_the_middle_are_restored()
    {
        model.Run(tiny.Prompt(4), new() { Cache = cache, StopAfter = Site.FinalNorm });
        Refused(5, 0, 4);
        cache.Restore(4);
        using var stream = device.Allocate(6, model.Config.HiddenSize);
        device.Fill(1, stream);
        // Branches have memory of their own.
        model.RunFrom(new(Activation.ResidualBefore, 0), stream, new() { Cache = cache }, branches: 3);
        Refused(5, 4, 4);
        model.RunFrom(new(Activation.ResidualBefore, 0), stream, new() { Cache = cache });
        Refused(11, 4, 10);
        cache.Restore(10);
        Assert.Equal(10, cache.Count);
    }

    [Fact]
    public void Positions_that_were_forgotten_when_the_cache_grew_are_not_restored()
    {
        model.Run(tiny.Prompt(9), new() { Cache = cache });
        cache.Truncate(3);
        model.Run(tiny.Prompt(20), new() { Cache = cache });
        cache.Truncate(3);
        cache.Restore(23);
        cache.Truncate(2);
        Assert.Throws<OperationCanceledException>(() => model.Run(
            tiny.Prompt(60), new() { Cache = cache, Cancellation = new(canceled: true) }));
        Refused(3, 2, 2);
    }

    [Fact]
    public void Positions_behind_those_that_another_run_wrote_are_not_restored()
    {
        model.Run(tiny.Prompt(9), new() { Cache = cache });
        cache.Truncate(3);
        model.Run(tiny.Prompt(2), new() { Cache = cache, StopAfter = Site.FinalNorm });
        Refused(9, 3, 5);
        cache.Restore(5);
    }

    // Such a run may have written keys of some layers over those of the old text.
    [Fact]
    public void Positions_behind_the_counted_ones_are_not_restored_after_a_run_that_was_stopped()
    {
        model.Run(tiny.Prompt(9), new() { Cache = cache });
        cache.Truncate(3);
        Assert.Throws<OperationCanceledException>(() => model.Run(
            tiny.Prompt(2), new() { Cache = cache, Cancellation = new(canceled: true) }));
        Refused(9, 3, 3);
    }

    public void Dispose()
    {
        cache.Dispose();
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    void Refused(int count, int from, int to) => Assert.StartsWith(
        $"{count} positions are to be restored, expected {from} to {to}: runs wrote no more.",
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Restore(count)).Message, StringComparison.Ordinal);
}
