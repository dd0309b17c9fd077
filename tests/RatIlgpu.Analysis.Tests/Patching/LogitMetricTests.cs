using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class LogitMetricTests : IDisposable
{
    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    [Fact]
    public void Each_metric_is_what_it_says_of_the_logits()
    {
        var run = new Recorder(on.Model).Record(on.Pair.Clean.AsSpan(), [new(Activation.Logits)])[Site.Logits];
        double[] logits = [.. run.Row(5).ToArray().Select(logit => (double)logit)];
        Is(logits[11], new LogitMetric.Logit(new(11), 5));
        Is(logits[11] - logits[12], new LogitMetric.Logit(new(11, 12), ^3));
        var all = Math.Log(logits.Sum(Math.Exp));
        Is(logits[11] - all, new LogitMetric.LogProbability(11, 5));
        Is(
            logits[11] + run.Row(2)[4],
            new LogitMetric.Custom([2, ^3], view => (double)view.At(5)[11] + view.At(^6)[4]));
        Assert.True(Math.Abs(logits[11] - logits[12]) > 0.1);

        void Is(double expected, LogitMetric metric) => Assert.Equal(
            expected, metric.Measure(on.Model, on.Pair.Clean.AsSpan()), PatchingCase.Tolerance);
    }

    public static TheoryData<string> Names => [.. All.Keys];

    static Dictionary<string, LogitMetric> All { get; } = new()
    {
        ["logit"] = new LogitMetric.Logit(new(11), ^1),
        ["difference"] = new LogitMetric.Logit(new(11, 12), ^2),
        ["probability"] = new LogitMetric.LogProbability(11, ^1),
        ["places"] = new LogitMetric.Custom([0, 4, ^1], view => view.At(0)[3] + view.At(4)[5] * view.At(^1)[11]),
        ["before"] = new LogitMetric.Custom([1], view => view.At(1)[3]),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_metric_patches_as_whole_runs_do(string name)
    {
        var metric = All[name];
        var (plain, patches) = (new PlainPaths(on.Model, on.Pair), new PlainPatches(on.Model, on.Pair));
        var map = on.Paths.Sweep(on.Pair, new(0, 0), HeadInput.Value, metric);
        foreach (var head in map.Patched)
            Assert.Equal(
                plain.Measure(map.Target.Source, head, HeadInput.Value, metric, new()),
                map[head]!.Value,
                PatchingCase.Tolerance);
        var target = new PatchTarget(Activation.MlpOutput, PatchAxes.Position);
        var grid = on.Activations.Sweep(on.Pair, target, metric);
        foreach (var cell in grid.Cells)
            Assert.Equal(patches.Measure(target, cell, metric), grid[cell]!.Value, PatchingCase.Tolerance);

        // A patch does not reach positions before the first difference.
        if (name == "before")
            Assert.All(map.Patched, head => Assert.Equal(0, map.Effect(head)!.Value, 1e-6));
        else
            Assert.True(Math.Abs(map.Largest(1)[0].Effect) > 0.01 && Math.Abs(grid.Largest(1)[0].Effect) > 0.01);
    }

    [Fact]
    public void A_metric_that_is_no_number_is_carried_through()
    {
        var corrupted = CleanLogit(on.Pair.Corrupted.AsSpan());
        var nothing = new LogitMetric.Custom([^1], _ => double.NaN);
        var map = on.Paths.Sweep(on.Pair, new(0, 0), HeadInput.Value, nothing);
        Assert.Equal(double.NaN, map.CleanMetric);
        Assert.All(map.Patched, head => Assert.Equal(double.NaN, map[head]));
        Assert.All(map.Patched, head => Assert.Equal(double.NaN, map.Recovery(head)));
        Assert.Equal(12, map.Largest(20).Length);

        // Finite in the two runs, NaN under most patches: the NaN values come last.
        var some = new LogitMetric.Custom(
            [^1], view => view.At(^1)[11] < corrupted - 1e-6 ? double.NaN : view.At(^1)[11]);
        var grid = on.Activations.Sweep(on.Pair, new(Activation.HeadOutput, PatchAxes.Head), some);
        var effects = grid.Largest(18).Select(one => one.Effect).ToList();
        Assert.Contains(effects, double.IsNaN);
        Assert.Contains(effects, double.IsFinite);
        Assert.Equal(effects.OrderBy(double.IsNaN), effects);
    }

    double CleanLogit(ReadOnlySpan<int> ids) => new LogitMetric.Logit(new(11), ^1).Measure(on.Model, ids);

    [Fact]
    public void A_change_of_the_logits_reaches_a_metric_that_would_stop_before_them()
    {
        var target = InterventionTarget.At(on.Model, Activation.Logits);
        var ids = on.Pair.Clean.AsSpan();
        var plain = PatchingCase.Metric.Measure(on.Model, ids);
        Assert.NotEqual(0, plain);
        Assert.Equal(
            3 * plain,
            PatchingCase.Metric.Measure(on.Model, ids, [Intervention.Scale(target, 3)]),
            10 * PatchingCase.Tolerance);
    }
}
