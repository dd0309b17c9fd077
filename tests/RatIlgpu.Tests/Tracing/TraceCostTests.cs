using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class TraceCostTests : IDisposable
{
    readonly TinyQwen2 tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Positions_after_the_target_are_not_run()
    {
        Assert.Equal(MultiplyAdds(10, ^1), MultiplyAdds(40, 9));
        Assert.True(MultiplyAdds(40, 9) < MultiplyAdds(40, 10));

        long MultiplyAdds(int length, Index target)
        {
            var device = new CountingDevice();
            Search(device, length, new TraceOptions { TargetPosition = target, Predictions = 0 });
            return device.MultiplyAdds;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Layers_before_the_traced_one_are_run_whole_and_later_ones_not_at_all(int layer)
    {
        var operations = Operations(7, new TraceOptions { Layer = layer, Predictions = 0 });
        Assert.Equal(layer, operations.Count(name => name == "SwiGlu"));
        Assert.Equal(layer, operations.Count(name => name == "Attend"));
        Assert.Equal(2 * (layer + 1), operations.Count(name => name == "Rotate"));
    }

    [Fact]
    public void Several_layers_are_run_once()
    {
        var several = Operations(
            7,
            [.. Enumerable.Range(0, 3).Select(layer => new TraceOptions { Layer = layer, Predictions = 0 })]);
        Assert.Equal(2, several.Count(name => name == "SwiGlu"));
        Assert.Equal(6, several.Count(name => name == "Rotate"));
    }

    [Fact]
    public void Every_row_that_is_needed_is_computed_once()
    {
        var everywhere = Operations(9, new TraceOptions { TopK = 9, TopBeam = 1000 });
        Assert.Equal(9, everywhere.Count(name => name == "AggregatePattern"));
        var nowhere = Operations(9, new TraceOptions { MinAttention = 1 });
        Assert.Equal(1, nowhere.Count(name => name == "AggregatePattern"));
        var first = Operations(9, new TraceOptions { TargetPosition = 0 });
        Assert.Equal(1, first.Count(name => name == "AggregatePattern"));
    }

    List<string> Operations(int length, params TraceOptions[] options)
    {
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        Search(device, length, options);
        return device.Operations;
    }

    void Search(Device device, int length, params TraceOptions[] options)
    {
        using var model = tiny.On(device);
        var (layers, heads, tokens) = (tiny.Config.LayerCount, tiny.Config.HeadCount, tiny.Config.VocabularySize);
        PathSearch.Run(
            model,
            tiny.Prompt(length),
            [.. options.Select(one => one.Resolve(length, layers, heads, tokens))],
            null,
            TestContext.Current.CancellationToken);
    }
}
