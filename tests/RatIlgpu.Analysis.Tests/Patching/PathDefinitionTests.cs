using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The fast sweeps of paths give the metrics of whole runs.</summary>
public sealed class PathDefinitionTests
{
    // In the first block, in the middle and at the end.
    public static TheoryData<HeadInput, KeyValueScope, NormTreatment, int> Variants =>
    [
        .. from variant in PatchingContract.AllVariants
           from first in new[] { 0, 3, PatchingCase.Length - 1 }
           select (variant.Input, variant.Scope, variant.Norm, first),
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_path_has_the_metric_of_a_whole_run(
        HeadInput input, KeyValueScope scope, NormTreatment norm, int firstDifference)
    {
        using var on = new PatchingCase(firstDifference);
        var options = new DirectPathOptions { Scope = scope, Norm = norm };
        Close(on, PatchingCase.Metric, input, options, 0.1);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_path_into_heads_that_are_normed_has_the_metric_of_a_whole_run(
        HeadInput input, KeyValueScope scope, NormTreatment norm, int firstDifference)
    {
        using var on = new PatchingCase(firstDifference, TinyQwen2.Qwen3);
        Close(on, PatchingCase.Metric, input, new() { Scope = scope, Norm = norm }, 0.05);
    }

    [Theory]
    [InlineData(HeadInput.Query)]
    [InlineData(HeadInput.Key)]
    [InlineData(HeadInput.Value)]
    public void A_change_is_put_in_at_the_positions_asked_for_only(HeadInput input)
    {
        using var on = new PatchingCase();
        var options = new DirectPathOptions { Positions = [^1, 4, 0] };
        var some = Close(on, PatchingCase.Metric, input, options, 0.02);
        var all = on.Paths.SweepAll(on.Pair, input, PatchingCase.Metric).ToList();
        Assert.Contains(some.Zip(all), maps => maps.First.Patched.Any(
            head => Math.Abs(maps.First[head]!.Value - maps.Second[head]!.Value) > 0.01));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Batches_of_any_size_give_the_same(int rows)
    {
        using var on = new PatchingCase();
        foreach (var input in Enum.GetValues<HeadInput>())
            Close(on, PatchingCase.Metric, input, new() { MaxBatchRows = rows }, 0.1);
    }

    [Fact]
    public void Destination_layers_cut_a_map()
    {
        using var on = new PatchingCase();
        var whole = on.Paths.Sweep(on.Pair, new(0, 2), HeadInput.Query, PatchingCase.Metric);
        var part = on.Paths.Sweep(
            on.Pair, new(0, 2), HeadInput.Query, PatchingCase.Metric, new() { DestinationLayers = [^1] });
        Assert.Equal(Enumerable.Range(0, 6).Select(head => new PatchCell(2, Head: head)), part.Patched);
        Assert.All(part.Patched, head => Assert.Equal(whole[head]!.Value, part[head]!.Value, 1e-6));
        Assert.Null(part[new HeadIndex(1, 0)]);
        Assert.Empty(on.Paths.Sweep(
            on.Pair, new(1, 2), HeadInput.Query, PatchingCase.Metric, new() { DestinationLayers = [0, 1] }).Patched);
    }

    [Fact]
    public void A_metric_before_the_last_position_is_that_of_a_whole_run()
    {
        using var on = new PatchingCase();
        foreach (var input in Enum.GetValues<HeadInput>())
            Close(on, new LogitMetric.Logit(new(11, 12), 5), input, new(), 0.05);
    }

    [Fact]
    public void A_sliding_window_is_kept()
    {
        using var on = new PatchingCase(2, TinyQwen2.Small with { SlidingWindow = 3, MaxWindowLayers = 1 });
        foreach (var input in Enum.GetValues<HeadInput>())
            Close(on, PatchingCase.Metric, input, new(), 0.02);
    }

    [Theory]
    [InlineData(HeadInput.Query)]
    [InlineData(HeadInput.Key)]
    [InlineData(HeadInput.Value)]
    public void Whole_layers_have_the_metric_of_a_whole_run_with_all_heads_changed(HeadInput input)
    {
        using var on = new PatchingCase();
        var plain = new PlainPaths(on.Model, on.Pair);
        var options = new DirectPathOptions { Axes = PatchAxes.Layer };
        foreach (var map in on.Paths.SweepAll(on.Pair, input, PatchingCase.Metric, options))
        {
            Assert.Equal(
                Enumerable.Range(map.Target.Source.Layer + 1, 2 - map.Target.Source.Layer),
                map.Patched.Select(cell => cell.Layer));
            foreach (var cell in map.Patched)
                Assert.Equal(Whole(map.Target.Source, cell.Layer), map[cell]!.Value, PatchingCase.Tolerance);
        }

        double Whole(HeadIndex source, int layer) => PatchingCase.Metric.Measure(
            on.Model,
            on.Pair.Corrupted.AsSpan(),
            [
                .. Enumerable.Range(0, 6).Select(head => plain.Add(
                    Enumerable.Range(0, PatchingCase.Length).ToDictionary(
                        position => position,
                        position => plain.Project(
                            plain.Stream(source, position), position, new(layer, head), input, options)),
                    new(layer, head),
                    input,
                    options.Scope)),
            ]);
    }

    static List<PatchGrid<PathTarget>> Close(
        PatchingCase on, LogitMetric metric, HeadInput input, DirectPathOptions options, double atLeast)
    {
        var plain = new PlainPaths(on.Model, on.Pair);
        var maps = on.Paths.SweepAll(on.Pair, input, metric, options).ToList();
        Assert.Equal(18, maps.Count);
        foreach (var map in maps)
            foreach (var head in map.Patched)
                Assert.Equal(
                    plain.Measure(map.Target.Source, head, input, metric, options),
                    map[head]!.Value,
                    PatchingCase.Tolerance);
        Assert.True(maps.Max(map => map.Largest(1).Select(one => Math.Abs(one.Effect)).FirstOrDefault()) > atLeast);
        return maps;
    }
}
