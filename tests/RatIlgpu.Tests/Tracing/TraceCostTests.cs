using RatIlgpu.Devices;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_of_64_positions_are_held_at_a_time(bool intervenes)
    {
        Assert.Equal(2, Products(140) - Products(64));

        int Products(int count)
        {
            var device = new WatchedDevice();
            using var model = tiny.On(device);
            var target = InterventionTarget.At(model, Activation.Logits, positions: [70]);
            ImmutableArray<Intervention> changes = intervenes ? [Intervention.Scale(target, 2)] : [];
            var axes = new TraceAxes { Positions = [.. Enumerable.Range(0, count).Select(at => (Index)at)] };
            var plan = TracePlan.Make(model, tiny.Prompt(140), axes, new() { Interventions = changes });
            TraceRun.OfAll(model, [plan], (_, _, _, _) => { }, null, default);
            return device.Operations.Count(name => name == "Linear");
        }
    }

    [Fact]
    public void Several_layers_are_run_once()
    {
        var several = Operations(7, new() { Predictions = 0 }, new() { Layers = [0, 1, 2] });
        Assert.Equal(2, several.Count(name => name == "SwiGlu"));
        Assert.Equal(6, several.Count(name => name == "Rotate"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Predictions_cost_the_layers_after_the_traced_one_and_the_last_one_only_at_the_targets(int targets)
    {
        var (config, length) = (tiny.Config, 9);
        var positions = Enumerable.Range(length - targets, targets).ToArray();
        var axes = new TraceAxes { Positions = [.. positions.Select(at => (Index)at)] };
        var last = config.LayerCount - 1;
        var (keys, heads) = (config.KeyValueHeadCount * config.HeadSize, config.HeadCount * config.HeadSize);
        var atTargets = (long)targets * config.HiddenSize
            * (heads + 3 * config.IntermediateSize + config.VocabularySize);
        // The queries at the targets are neighbours: they attend to all keys at once.
        var attention = 2L * targets * length * heads;
        Assert.Equal(length * keys * config.HiddenSize + attention + atTargets, Cost(last));

        var whole = length * config.HiddenSize * (2L * heads + 2 * keys + 3 * config.IntermediateSize)
            + 2L * length * length * heads;
        var before = length * config.HiddenSize * (heads + keys);
        Assert.Equal(
            whole - before + length * 2 * keys * config.HiddenSize + targets * heads * config.HiddenSize + attention
                + atTargets,
            Cost(last - 1));

        long Cost(int layer) => Adds(layer, 1) - Adds(layer, 0);

        long Adds(int layer, int predictions)
        {
            var device = new CountingDevice();
            Search(device, length, new() { Layer = layer, Predictions = predictions }, axes);
            return device.MultiplyAdds;
        }
    }

    [Fact]
    public void Several_positions_and_heads_are_run_once()
    {
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        Search(device, 9, new() { Predictions = 0 }, new()
        {
            Positions = [2, 5, ^1],
            Heads = [HeadAggregation.Mean, HeadAggregation.Max],
        });
        Assert.Equal(2, device.Operations.Count(name => name == "SwiGlu"));
        // A row of each choice of heads is computed once, though several targets come by.
        Assert.InRange(device.RowsAggregated, 2, 2 * 9);
    }

    [Fact]
    public void Every_row_that_is_needed_is_computed_once()
    {
        Assert.Equal(9, Rows(new() { TopK = 9, TopBeam = 1000 }));
        Assert.Equal(1, Rows(new() { MinAttention = 1 }));
        Assert.Equal(1, Rows(new() { TargetPosition = 0 }));

        int Rows(TraceOptions options)
        {
            using var cpu = new CpuDevice();
            var device = new WatchedDevice(cpu);
            Search(device, 9, options);
            return device.RowsAggregated;
        }
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(40, 3)]
    [InlineData(40, 30)]
    public void The_rows_of_one_step_are_computed_together_and_downloaded_once(int length, int beam)
    {
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        using var model = tiny.On(device);
        var options = new TraceOptions { TopBeam = beam, Predictions = 0 };

        TraceRun.Of(model, tiny.Prompt(length), options, TestContext.Current.CancellationToken);

        var together = device.Operations.Count(name => name == "AggregatePattern");
        Assert.Equal(together, device.Downloads);
        // One path needs one row in each step.
        Assert.True(beam == 1 ? together == device.RowsAggregated : together < device.RowsAggregated);
    }

    [Fact]
    public void Of_a_changed_pattern_the_rows_of_one_step_are_downloaded_together_and_no_others()
    {
        const int Length = 40;
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        using var model = tiny.On(device);
        var changed = Intervention.Scale(InterventionTarget.At(model, Activation.Pattern, 2, [0]), 0.5f);
        var options = new TraceOptions { TopBeam = 3, Predictions = 0, Layer = 2, Interventions = [changed] };

        var search = TraceRun.Of(model, tiny.Prompt(Length), options, TestContext.Current.CancellationToken);

        Assert.NotEmpty(search.Paths);
        // Each row is reduced over its six heads before it is downloaded.
        Assert.Equal(device.NumbersDownloaded, device.RowsAggregated * Length);
        Assert.Equal(device.Downloads, device.Operations.Count(name => name == "ReducePattern"));
        Assert.InRange(device.RowsAggregated, 3, Length);
        Assert.InRange(device.Downloads, 2, device.RowsAggregated - 1);
    }

    [Theory]
    [InlineData(AttentionWeights.Value)]
    [InlineData(AttentionWeights.Info)]
    [InlineData(AttentionWeights.Contribution)]
    public void Weights_cost_the_values_of_the_traced_layer_and_no_memory_of_the_square_of_the_prompt(
        AttentionWeights weights)
    {
        const int Length = 200;
        var config = tiny.Config;
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        Search(device, Length, new() { Predictions = 0, Weights = weights });
        Assert.Equal(config.LayerCount - 1, device.Operations.Count(name => name == "SwiGlu"));
        Assert.InRange(device.Largest, 1, Length * config.HiddenSize * 4);
        Assert.True(device.Largest < (long)Length * Length);

        Assert.Equal(
            (long)Length * config.KeyValueHeadCount * config.HeadSize * config.HiddenSize,
            Adds(AttentionWeights.Contribution) - Adds(AttentionWeights.Standard));

        // No step is as large as 1: one row is asked for.
        long Adds(AttentionWeights some)
        {
            var counting = new CountingDevice();
            Search(counting, Length, new() { Predictions = 0, Weights = some, MinAttention = 1 });
            return counting.MultiplyAdds;
        }
    }

    [Fact]
    public void The_whole_prompt_runs_where_weights_are_measured_by_its_largest()
    {
        foreach (var weights in Enum.GetValues<AttentionWeights>())
        {
            var options = new TraceOptions { TargetPosition = 3, Weights = weights };
            var plan = TracePlan.Make(tiny.On(new PlainDevice()), tiny.Prompt(9), new(), options);
            var isMeasured = weights is AttentionWeights.Value or AttentionWeights.Info;
            Assert.Equal(isMeasured ? 9 : 4, plan.RunLength);
        }
    }

    [Theory]
    [InlineData("mean", AttentionWeights.Standard)]
    [InlineData("max:1,3", AttentionWeights.Standard)]
    [InlineData("mean", AttentionWeights.Value)]
    [InlineData("max:1,3", AttentionWeights.Info)]
    [InlineData("mean:1,3", AttentionWeights.Contribution)]
    public void A_pattern_that_is_changed_to_itself_gives_the_bits_of_one_that_nobody_changes(
        string heads, AttentionWeights weights)
    {
        using var model = tiny.On(new CpuDevice());
        var same = Intervention.Scale(InterventionTarget.At(model, Activation.Pattern, 2), 1);
        var options = new TraceOptions
        {
            Layer = 2,
            Predictions = 0,
            Heads = HeadAggregation.Parse(heads),
            Weights = weights,
        };

        Assert.Equal(Paths(options), Paths(options with { Interventions = [same] }));

        ImmutableArray<(string, double)> Paths(TraceOptions some) =>
        [
            .. TraceRun.Of(model, tiny.Prompt(40), some, TestContext.Current.CancellationToken).Paths
                .Select(path => (string.Join(' ', path.Positions), path.Score)),
        ];
    }

    List<string> Operations(int length, TraceOptions options, TraceAxes? axes = null)
    {
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        Search(device, length, options, axes);
        return device.Operations;
    }

    void Search(Device device, int length, TraceOptions options, TraceAxes? axes = null)
    {
        using var model = tiny.On(device);
        var plan = TracePlan.Make(model, tiny.Prompt(length), axes ?? new(), options);
        TraceRun.OfAll(model, [plan], (_, _, _, _) => { }, null, TestContext.Current.CancellationToken);
    }
}
