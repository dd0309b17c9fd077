using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class DirectPathPatchingTests : IDisposable
{
    static readonly DirectPathOptions WholeLayers = new() { Axes = PatchAxes.Layer };

    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    [Fact]
    public void No_path_leads_to_the_source_s_layer_or_an_earlier_one()
    {
        foreach (var map in on.Paths.SweepAll(on.Pair, HeadInput.Value, PatchingCase.Metric))
        {
            Assert.All(map.Patched, head => Assert.True(head.Layer > map.Target.Source.Layer));
            Assert.Equal((2 - map.Target.Source.Layer) * 6, map.Patched.Count());
            for (var layer = 0; layer <= map.Target.Source.Layer; layer++)
            {
                Assert.Null(map[new HeadIndex(layer, 0)]);
                Assert.Null(map.Effect(new HeadIndex(layer, 0)));
                Assert.Null(map.Recovery(new HeadIndex(layer, 0)));
            }
        }
    }

    [Fact]
    public void A_head_of_the_last_layer_has_no_paths()
    {
        var map = on.Paths.Sweep(on.Pair, new(2, 4), HeadInput.Query, PatchingCase.Metric);
        Assert.Empty(map.Patched);
        Assert.Empty(map.Largest(9));
        Assert.True(Math.Abs(map.CleanMetric - map.CorruptedMetric) > 0.1);
    }

    [Fact]
    public void Key_value_groups_are_the_destinations_where_they_are_asked_for()
    {
        var map = on.Paths.Sweep(
            on.Pair, new(1, 0), HeadInput.Key, PatchingCase.Metric, new() { Scope = KeyValueScope.KeyValueGroup });
        Assert.Equal([new HeadIndex(2, 0), new HeadIndex(2, 1)], map.Patched);
        Assert.Equal((KeyValueScope.KeyValueGroup, HeadInput.Key, new HeadIndex(1, 0)),
            (map.Target.Options.Scope, map.Target.Input, map.Target.Source));
    }

    [Fact]
    public void Identical_prompts_leave_every_metric_as_it_is()
    {
        var same = on.PairOf(PatchingCase.Length);
        foreach (var input in Enum.GetValues<HeadInput>())
            foreach (var map in on.Paths.SweepAll(same, input, PatchingCase.Metric))
            {
                Assert.Equal(map.CleanMetric, map.CorruptedMetric);
                Assert.All(map.Patched, head => Assert.Equal(map.CorruptedMetric, map[head]));
                Assert.All(map.Patched, head => Assert.Equal(0, map.Effect(head)));
                Assert.All(map.Patched, head => Assert.Null(map.Recovery(head)));
            }
    }

    [Fact]
    public void A_whole_layer_has_an_effect_where_a_path_leads_to_it()
    {
        foreach (var map in on.Paths.SweepAll(on.Pair, HeadInput.Value, PatchingCase.Metric, WholeLayers))
        {
            Assert.Null(map[new(map.Target.Source.Layer)]);
            Assert.Null(map.Effect(new(map.Target.Source.Layer)));
            foreach (var layer in map.Patched)
            {
                Assert.Equal(map[layer]!.Value, map.CorruptedMetric + map.Effect(layer)!.Value, 1e-12);
                Assert.Equal(
                    map.Effect(layer) / (map.CleanMetric - map.CorruptedMetric), map.Recovery(layer));
                Assert.True(map.Effect(layer) != 0);
            }
        }

        var same = on.Paths.SweepAll(
            on.PairOf(PatchingCase.Length), HeadInput.Value, PatchingCase.Metric, WholeLayers);
        Assert.All(same, map => Assert.All(map.Patched, layer => Assert.Null(map.Recovery(layer))));
    }

    [Fact]
    public void A_map_of_all_sources_is_that_of_one()
    {
        foreach (var all in on.Paths.SweepAll(on.Pair, HeadInput.Key, PatchingCase.Metric))
        {
            var one = on.Paths.Sweep(on.Pair, all.Target.Source, HeadInput.Key, PatchingCase.Metric);
            Assert.Equal(one.Patched, all.Patched);
            Assert.Equal(
                (one.CleanMetric, one.CorruptedMetric, one.Target.Input),
                (all.CleanMetric, all.CorruptedMetric, all.Target.Input));
            Assert.All(one.Patched, head => Assert.Equal(one[head]!.Value, all[head]!.Value, 1e-5));
        }
    }

    [Fact]
    public void Recovery_is_the_effect_s_share_of_the_way()
    {
        var map = on.Paths.Sweep(on.Pair, new(0, 3), HeadInput.Value, PatchingCase.Metric);
        var (head, effect) = map.Largest(1)[0];
        Assert.True(Math.Abs(effect) > 0.02);
        Assert.Equal(effect, map.Effect(head));
        Assert.Equal(map[head]!.Value, map.CorruptedMetric + effect, 1e-12);
        Assert.Equal(effect / (map.CleanMetric - map.CorruptedMetric), map.Recovery(head));
        var sizes = map.Largest(12).Select(one => Math.Abs(one.Effect)).ToList();
        Assert.Equal(sizes.OrderDescending(), sizes);
        Assert.Equal(12, sizes.Count);
    }

    [Fact]
    public void Frozen_changes_of_all_that_came_before_add_up_to_the_whole()
    {
        var plain = new PlainPaths(on.Model, on.Pair);
        var largest = 0.0;
        for (var position = on.Pair.FirstDifference; position < PatchingCase.Length; position++)
            for (var head = 0; head < 6; head++)
            {
                var (at, into) = (position, new HeadIndex(2, head));
                var parts = (
                    from source in Enumerable.Range(0, 12)
                    select plain.Stream(new(source / 6, source % 6), at))
                    .Append(plain.Difference(Site.Embedding, at))
                    .Append(plain.Difference(new(Activation.MlpOutput, 0), at))
                    .Append(plain.Difference(new(Activation.MlpOutput, 1), at))
                    .Select(change => plain.Project(change, at, into, HeadInput.Query, new()));
                var whole = plain.Project(
                    plain.Difference(new(Activation.ResidualBefore, 2), at), at, into, HeadInput.Query, new());
                var sum = parts.Aggregate((a, b) => [.. a.Zip(b, (one, other) => one + other)]);
                Assert.All(whole.Zip(sum), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
                largest = double.Max(largest, whole.Max(Math.Abs));
            }

        Assert.True(largest > 0.5);
    }

    [Fact]
    public void The_slope_of_a_small_patch_is_that_of_the_reference()
    {
        using var device = new PlainDevice();
        using var fixture = new AttributionFixture();
        using var model = fixture.On(device);
        var pair = new PromptPair(AttributionFixture.Clean.AsSpan(), AttributionFixture.Corrupted.AsSpan());
        var metric = new LogitMetric.Logit(new(AttributionFixture.Answer, AttributionFixture.Foil), ^1);
        var plain = new PlainPaths(model, pair);
        HeadIndex source = new(0, 1), destination = new(2, 2);
        var deltas = Enumerable.Range(0, pair.Length).ToDictionary(
            at => at, at => plain.Project(plain.Stream(source, at), at, destination, HeadInput.Query, new()));

        // The rounding of F32 is 1e-7 of a metric of 0.5, so 1e-6 of the slope at this step; the curvature cancels.
        const double Step = 0.1;
        var slope = (At(Step) - At(-Step)) / (2 * Step);
        var expected = fixture.Results.GetProperty("attribution_example");
        Assert.Equal(expected.GetProperty("first_order").GetDouble(), slope, 2e-5);
        var map = new DirectPathPatching(model).Sweep(pair, source, HeadInput.Query, metric);
        Assert.Equal(expected.GetProperty("exact").GetDouble(), map.Effect(destination)!.Value, 1e-5);

        double At(double factor) => metric.Measure(
            model,
            pair.Corrupted.AsSpan(),
            [plain.Add(deltas, destination, HeadInput.Query, KeyValueScope.QueryHead, factor)]);
    }

    [Fact]
    public void Both_scopes_are_one_where_a_key_has_one_query_head()
    {
        using var single = new PatchingCase(config: TinyQwen2.Small with { KeyValueHeadCount = 6 });
        foreach (var input in (HeadInput[])[HeadInput.Key, HeadInput.Value])
        {
            var alone = single.Paths.SweepAll(single.Pair, input, PatchingCase.Metric);
            var shared = single.Paths.SweepAll(
                single.Pair, input, PatchingCase.Metric, new() { Scope = KeyValueScope.KeyValueGroup });
            var largest = 0.0;
            foreach (var (one, other) in alone.Zip(shared))
                foreach (var head in one.Patched)
                {
                    Assert.Equal(one[head]!.Value, other[head]!.Value, PatchingCase.Tolerance);
                    largest = double.Max(largest, Math.Abs(one.Effect(head)!.Value));
                }

            Assert.True(largest > 0.1);
        }
    }

    [Fact]
    public void Grouped_scopes_differ_from_each_other()
    {
        var alone = on.Paths.Sweep(on.Pair, new(0, 0), HeadInput.Value, PatchingCase.Metric);
        var shared = on.Paths.Sweep(
            on.Pair, new(0, 0), HeadInput.Value, PatchingCase.Metric, new() { Scope = KeyValueScope.KeyValueGroup });
        Assert.True(Math.Abs(alone[new HeadIndex(1, 0)]!.Value - shared[new HeadIndex(1, 0)]!.Value) > 1e-3);
    }

    [Fact]
    public void A_sweep_measures_nothing_before_it_is_read_and_one_layer_of_sources_at_a_time()
    {
        var progress = new Steps();
        var sweep = new DirectPathPatching(on.Model) { Progress = progress }.SweepAll(
            on.Pair, HeadInput.Query, PatchingCase.Metric);
        Assert.Empty(progress.All);
        using var maps = sweep.GetEnumerator();
        Assert.True(maps.MoveNext());
        Assert.Equal(6 * 12, progress.All.Count);
        while (maps.MoveNext())
        {
        }

        progress.CheckAll(108);
    }

    [Fact]
    public void Each_enumeration_of_a_sweep_runs_it_again_and_gives_the_same()
    {
        var progress = new Steps();
        var sweep = new DirectPathPatching(on.Model) { Progress = progress }.SweepAll(
            on.Pair, HeadInput.Query, PatchingCase.Metric);
        var (first, second) = (sweep.ToList(), sweep.ToList());
        Assert.Equal(2 * 108, progress.All.Count);
        Assert.All(first.Zip(second), grids => Assert.Equal(
            grids.First.Values.ToArray(), grids.Second.Values.ToArray()));
        Assert.Equal(
            Enumerable.Range(0, 18).Select(head => new HeadIndex(head / 6, head % 6)),
            first.Select(grid => grid.Target.Source));
    }

    [Fact]
    public void A_cancelled_sweep_stops_in_the_middle_and_leaves_the_model_usable()
    {
        using var source = new CancellationTokenSource();
        var progress = new Steps(done =>
        {
            if (done == 20)
                source.Cancel();
        });
        var options = new DirectPathOptions { MaxBatchRows = 1 };
        var sweep = new DirectPathPatching(on.Model) { Progress = progress }.SweepAll(
            on.Pair, HeadInput.Key, PatchingCase.Metric, options, source.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => sweep.Count());
        Assert.Equal(20, progress.All.Count);
        Assert.Equal(18, on.Paths.SweepAll(on.Pair, HeadInput.Key, PatchingCase.Metric).Count());
    }
}
