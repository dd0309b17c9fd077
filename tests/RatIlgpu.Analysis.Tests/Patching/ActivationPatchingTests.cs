using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class ActivationPatchingTests : IDisposable
{
    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    public static TheoryData<Activation> Activations => [.. PlainPatches.Activations];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Every_patch_has_the_metric_of_a_whole_run_with_the_activation_replaced(Activation activation)
    {
        foreach (var first in (int[])[0, 3, PatchingCase.Length - 1])
            Close(on, on.PairOf(first), activation, PatchingCase.Metric, first == 3 ? 0.02 : 0.001);
    }

    [Theory]
    [InlineData(Activation.ResidualBefore)]
    [InlineData(Activation.Key)]
    [InlineData(Activation.Pattern)]
    [InlineData(Activation.MlpOutput)]
    public void A_sliding_window_and_a_metric_before_the_last_position_are_kept(Activation activation)
    {
        using var window = new PatchingCase(2, TinyQwen2.Small with { SlidingWindow = 3, MaxWindowLayers = 1 });
        Close(window, window.Pair, activation, new LogitMetric.Logit(new(11, 12), 5), 0.001);
    }

    [Fact]
    public void An_unchanged_token_s_embedding_changes_nothing_and_the_changed_one_s_changes_all()
    {
        var grid = on.Activations.Sweep(
            on.Pair, new(Activation.ResidualBefore, PatchAxes.Position), PatchingCase.Metric);
        Assert.Equal([3, PatchingCase.Length], Lengths(grid));
        for (var position = 0; position < PatchingCase.Length; position++)
            if (position != on.Pair.FirstDifference)
                Assert.Equal(grid.CorruptedMetric, grid[new(0, position)]);
        Assert.Equal(grid.CleanMetric, grid[new(0, on.Pair.FirstDifference)]!.Value, PatchingCase.Tolerance);
        Assert.True(Math.Abs(grid.CleanMetric - grid.CorruptedMetric) > 0.1);
    }

    [Fact]
    public void The_outputs_of_all_heads_of_a_layer_are_the_output_of_its_attention()
    {
        var outputs = Whole(Activation.HeadOutput);
        var added = Whole(Activation.AttentionOutput);
        for (var layer = 0; layer < 3; layer++)
        {
            Assert.Equal(outputs[new(layer)]!.Value, added[new(layer)]!.Value, PatchingCase.Tolerance);
            Assert.True(Math.Abs(outputs.Effect(new(layer))!.Value) > 0.01);
        }
    }

    [Fact]
    public void The_whole_stream_of_a_layer_is_the_clean_run()
    {
        foreach (var activation in (Activation[])
            [Activation.ResidualBefore, Activation.ResidualMiddle, Activation.ResidualAfter])
        {
            var grid = Whole(activation);
            for (var layer = 0; layer < 3; layer++)
                Assert.Equal(grid.CleanMetric, grid[new(layer)]!.Value, PatchingCase.Tolerance);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Heads_are_patched_in_five_grids(bool byPosition)
    {
        var grids = on.Activations.SweepHeads(on.Pair, PatchingCase.Metric, byPosition);
        Assert.Equal(
            [Activation.HeadOutput, Activation.Query, Activation.Key, Activation.Value, Activation.Pattern],
            grids.Select(grid => grid.Target.Activation));
        foreach (var (heads, grid) in ((int[])[6, 6, 2, 2, 6]).Zip(grids))
        {
            Assert.Equal(byPosition ? [3, PatchingCase.Length, heads] : [3, heads], Lengths(grid));
            Varied(grid);
        }
    }

    [Fact]
    public void Streams_are_patched_in_three_grids()
    {
        var grids = on.Activations.SweepStreams(on.Pair, PatchingCase.Metric);
        Assert.Equal(
            [Activation.ResidualBefore, Activation.AttentionOutput, Activation.MlpOutput],
            grids.Select(grid => grid.Target.Activation));
        foreach (var grid in grids)
        {
            Assert.Equal([3, PatchingCase.Length], Lengths(grid));
            Varied(grid);
        }
    }

    [Fact]
    public void A_pattern_has_no_keys_behind_the_position_that_attends()
    {
        const PatchAxes All = PatchAxes.Position | PatchAxes.Head | PatchAxes.Key;
        var grid = on.Activations.Sweep(on.Pair, new(Activation.Pattern, All), PatchingCase.Metric);
        Assert.Equal([3, PatchingCase.Length, 6, PatchingCase.Length], Lengths(grid));
        foreach (var cell in grid.Cells)
        {
            Assert.Equal(cell.Key > cell.Position, grid[cell] is null);
            Assert.Equal(cell.Key > cell.Position, grid.Effect(cell) is null);
        }

        Assert.True(Math.Abs(grid.Largest(1)[0].Effect) > 0.01);
    }

    [Fact]
    public void A_grid_s_largest_effects_are_ordered_and_named()
    {
        var grid = on.Activations.Sweep(
            on.Pair, new(Activation.HeadOutput, PatchAxes.Head | PatchAxes.Position), PatchingCase.Metric);
        var largest = grid.Largest(5);
        var sizes = largest.Select(one => Math.Abs(one.Effect)).ToList();
        Assert.Equal(sizes.OrderDescending(), sizes);
        Assert.Equal(grid.Effect(largest[0].Cell), largest[0].Effect);
        Assert.Equal(
            largest[0].Effect / (grid.CleanMetric - grid.CorruptedMetric), grid.Recovery(largest[0].Cell));
        Assert.Equal(144, grid.Cells.Count());
        Assert.Equal("L2H1 at 5 on 3", new PatchCell(2, 5, 1, 3).ToString());
        Assert.Equal("L2 at 5", new PatchCell(2, 5).ToString());
    }

    [Fact]
    public void Identical_prompts_leave_every_metric_as_it_is()
    {
        foreach (var target in PlainPatches.Targets(on.Model.Config))
        {
            var grid = on.Activations.Sweep(on.PairOf(PatchingCase.Length), target, PatchingCase.Metric);
            Assert.Equal(grid.CleanMetric, grid.CorruptedMetric);
            Assert.All(grid.Values.ToArray(), value => Assert.True(value is null || value == grid.CorruptedMetric));
            Assert.Null(grid.Recovery(grid.Cells.First()));
        }
    }

    [Fact]
    public void Layers_not_asked_for_are_left_out()
    {
        var target = new PatchTarget(Activation.HeadOutput, PatchAxes.Head);
        var whole = on.Activations.Sweep(on.Pair, target, PatchingCase.Metric);
        var part = on.Activations.Sweep(
            on.Pair, target, PatchingCase.Metric, new() { Layers = [^1], MaxBatchRows = 1 });
        for (var head = 0; head < 6; head++)
        {
            Assert.Null(part[new(0, Head: head)]);
            Assert.Equal(whole[new(2, Head: head)]!.Value, part[new(2, Head: head)]!.Value, 1e-5);
        }
    }

    [Fact]
    public void Progress_comes_to_the_total()
    {
        var progress = new Steps();
        new ActivationPatching(on.Model) { Progress = progress }.Sweep(
            on.Pair, new(Activation.MlpOutput, PatchAxes.Position), PatchingCase.Metric, new() { Layers = [0, 2] });
        progress.CheckAll(16);
    }

    [Fact]
    public void A_cancelled_sweep_stops_in_the_middle_and_leaves_the_model_usable()
    {
        using var source = new CancellationTokenSource();
        var target = new PatchTarget(Activation.HeadOutput, PatchAxes.Head);
        var stopping = new ActivationPatching(on.Model) { Progress = new Steps(_ => source.Cancel()) };
        Assert.ThrowsAny<OperationCanceledException>(
            () => stopping.Sweep(on.Pair, target, PatchingCase.Metric, null, source.Token));
        Assert.Equal(18, on.Activations.Sweep(on.Pair, target, PatchingCase.Metric).Values.Length);
    }

    static void Close(
        PatchingCase on, PromptPair pair, Activation activation, LogitMetric metric, double atLeast)
    {
        var plain = new PlainPatches(on.Model, pair);
        var targets = PlainPatches.Targets(on.Model.Config).Where(target => target.Activation == activation).ToList();
        Assert.NotEmpty(targets);
        foreach (var target in targets)
        {
            var grid = on.Activations.Sweep(pair, target, metric);
            foreach (var cell in grid.Cells)
                if (grid[cell] is { } value)
                    Assert.Equal(plain.Measure(target, cell, metric), value, PatchingCase.Tolerance);
            Assert.True(Math.Abs(grid.Largest(1)[0].Effect) > atLeast, $"{target}");
        }
    }

    PatchGrid<PatchTarget> Whole(Activation activation) =>
        on.Activations.Sweep(on.Pair, new(activation, PatchAxes.Layer), PatchingCase.Metric);

    static int[] Lengths(PatchGrid<PatchTarget> grid) =>
        [.. Enumerable.Range(0, grid.Shape.Rank).Select(axis => grid.Shape[axis])];

    static void Varied(PatchGrid<PatchTarget> grid)
    {
        Assert.All(grid.Values.ToArray(), value => Assert.True(double.IsFinite(value!.Value)));
        Assert.True(grid.Values.ToArray().Distinct().Count() > 4);
        Assert.True(Math.Abs(grid.Largest(1)[0].Effect) > 0.01);
    }
}
