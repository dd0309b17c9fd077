using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class TraceLayersTests : DemoModelTraces
{
    [Fact]
    public void Each_layer_is_traced_as_if_alone()
    {
        var options = new TraceOptions { TopBeam = 7, Heads = HeadAggregation.MaxOf(0, 3), TargetPosition = ^2 };
        var several = tracer.TraceTextLayers(Prompt, [0, 1, 2, 3], options);
        Assert.Equal([.. Enumerable.Range(0, 4).Select(Alone)], several);

        TraceResult Alone(int layer) => tracer.TraceText(Prompt, options with { Layer = layer });
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    public void Blocks_of_positions_change_no_bit(int length)
    {
        var ids = Ids(length);
        var mask = ImmutableArray.Create([1, 1, 0, 0, .. Enumerable.Repeat(1, length - 4)]);
        foreach (var options in (TraceOptions[])[new(), new() { AttentionMask = mask, BosTokenId = ids[length / 2] }])
            Assert.Equal(
                [.. Enumerable.Range(0, 4).Select(layer => tracer.Trace(ids, options with { Layer = layer }))],
                tracer.TraceLayers(ids, [0, 1, 2, 3], options));
    }

    [Fact]
    public void Left_padding_is_traced_as_in_one_layer()
    {
        var ids = Ids(300);
        var options = new TraceOptions { AttentionMask = [0, 0, 0, .. Enumerable.Repeat(1, 297)] };
        Assert.Equal(
            [tracer.Trace(ids, options with { Layer = 1 }), tracer.Trace(ids, options with { Layer = 3 })],
            tracer.TraceLayers(ids, [1, 3], options));
    }

    [Fact]
    public void Layers_come_back_ascending_and_once() => Assert.Equal(
        [0, 2, 3], tracer.TraceTextLayers(Prompt, [^1, 2, 0, 3, ^2]).Select(trace => trace.Layer));

    [Fact]
    public void No_layer_and_a_layer_that_is_not_there_are_refused()
    {
        var none = Assert.Throws<ArgumentException>(() => tracer.TraceTextLayers(Prompt, []));
        Assert.Equal("There is no layer to trace: at least one is needed.", none.Message);
        var absent = Assert.Throws<ArgumentOutOfRangeException>(() => tracer.TraceTextLayers(Prompt, [0, 4]));
        Assert.Equal("Layer is 4, expected ^4 to 3 for a model of 4 layers. (Parameter 'Layer')", absent.Message);
    }

    [Fact]
    public void The_model_runs_once_and_stops_at_the_keys_of_the_last_layer()
    {
        using var tiny = new TinyQwen2();
        var (one, all) = (new WatchedDevice(), new WatchedDevice());
        using var ofOne = tiny.On(one);
        using var ofAll = tiny.On(all);
        using var last = LayerAttention.Of(ofOne, tiny.Prompt(9), 2, HeadAggregation.Mean);
        foreach (var attention in LayerAttention.OfLayers(ofAll, tiny.Prompt(9), [0, 1, 2], HeadAggregation.Mean))
            attention.Dispose();
        Assert.Equal(one.Operations.Where(name => name != "Copy"), all.Operations.Where(name => name != "Copy"));
        Assert.Equal(2, one.Operations.Count(name => name == "Copy"));
        Assert.Equal(6, all.Operations.Count(name => name == "Copy"));
    }

    [Fact]
    public void A_deepprompt_does_not_make_earlier_layers_run_whole()
    {
        var config = TinyQwen2.Small with { IntermediateSize = 512 };
        using var tiny = new TinyQwen2(config);
        using var cpu = new CpuDevice();
        var watched = new WatchedDevice(cpu);
        using var deep = tiny.On(watched);
        var before = watched.Allocated;
        foreach (var attention in LayerAttention.OfLayers(deep, tiny.Prompt(2048), [0, 1, 2], HeadAggregation.Mean))
            attention.Dispose();

        // Whole, the MLP alone would take two [T, F].
        Assert.InRange(watched.Allocated - before, 1, 2048L * 512);
    }

    [Fact]
    public void Layers_that_do_not_ascend_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            LayerAttention.OfLayers(model.Network, [1, 2], [1, 1], HeadAggregation.Mean));
        Assert.Equal("The layers are [1, 1], expected at least one, ascending and each once.", error.Message);
    }

    static int[] Ids(int length)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(300, 1300))];
    }
}
