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
        Is(Math.Exp(logits[11] - all), new LogitMetric.Probability(11, 5));
        Is((logits[11] + run.Row(2)[11]) / 2, new LogitMetric.Logit(new(11), [5, 2]));
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
        ["likelihood"] = new LogitMetric.Probability(11, [2, ^1]),
        ["direction"] = new LogitMetric.Logit(
            new(new StreamDirection([.. Enumerable.Range(0, 40).Select(i => Math.Cos(i))])), [4, ^1]),
        ["before"] = new LogitMetric.Custom([1], view => view.At(1)[3]),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_metric_patches_as_whole_runs_do(string name)
    {
        var metric = All[name];
        var (plain, patches) = (new PlainPaths(on.Model, on.Pair), new PlainPatches(on.Model, on.Pair));
        var map = on.Paths.Sweep(on.Pair, new(0, 0), HeadInput.Value, metric);
        var tolerance = PatchingCase.Tolerance * Math.Min(1, Math.Abs(map.CorruptedMetric));
        foreach (var head in map.Patched)
            Assert.Equal(
                plain.Measure(map.Target.Source, head, HeadInput.Value, metric, new()),
                map[head]!.Value,
                tolerance);
        var target = new PatchTarget(Activation.MlpOutput, PatchAxes.Position);
        var grid = on.Activations.Sweep(on.Pair, target, metric);
        foreach (var cell in grid.Cells)
            Assert.Equal(patches.Measure(target, cell, metric), grid[cell]!.Value, tolerance);

        // A patch does not reach positions before the first difference.
        if (name == "before")
            Assert.All(map.Patched, head => Assert.Equal(0, map.Effect(head)!.Value, 1e-6));
        else
        {
            var least = 0.01 * Math.Min(1, Math.Abs(map.CorruptedMetric));
            Assert.True(Math.Abs(map.Largest(1)[0].Effect) > least && Math.Abs(grid.Largest(1)[0].Effect) > least);
        }
    }

    [Fact]
    public void A_divergence_is_measured_from_the_clean_run_of_the_pair()
    {
        var clean = new Recorder(on.Model).Record(on.Pair.Clean.AsSpan(), [new(Activation.Logits)]);
        var (own, named) = (new LogitMetric.KlDivergence(^1), new LogitMetric.KlDivergence(^1, clean));
        var target = new PatchTarget(Activation.ResidualMiddle, PatchAxes.Position);
        var grid = on.Activations.Sweep(on.Pair, target, own);
        Assert.Equal(0, grid.CleanMetric);
        Assert.Equal(named.Measure(on.Model, on.Pair.Corrupted.AsSpan()), grid.CorruptedMetric, 1e-6);
        Assert.True(grid.CorruptedMetric > 0.01);
        var plain = new PlainPatches(on.Model, on.Pair);
        foreach (var cell in grid.Cells)
            Assert.Equal(plain.Measure(target, cell, named), grid[cell]!.Value, PatchingCase.Tolerance);

        // The whole stream of the last layer put in gives the clean run back.
        Assert.Equal(1, on.Activations.Sweep(
            on.Pair, target with { Axes = PatchAxes.Layer }, own).Recovery(new(2))!.Value, 1e-3);
    }

    [Fact]
    public void Outside_of_a_pair_a_divergence_is_measured_from_the_run_without_interventions()
    {
        var ids = on.Pair.Clean.AsSpan();
        var metric = new LogitMetric.KlDivergence([0, ^1]);
        Assert.Equal(0, metric.Measure(on.Model, ids));
        var silent = Intervention.Zero(InterventionTarget.At(on.Model, Activation.HeadOutput, 1, [0, 1]));
        var run = new Recorder(on.Model).Record(ids, [new(Activation.Logits)]);
        var found = metric.Measure(on.Model, ids, [silent]);
        Assert.Equal(new LogitMetric.KlDivergence([0, ^1], run).Measure(on.Model, ids, [silent]), found, 1e-6);
        Assert.True(found > 1e-4);
    }

    [Fact]
    public void A_kind_and_a_target_make_a_metric()
    {
        var direction = new StreamDirection([.. new double[40]]);
        Assert.Equal(new LogitMetric.Logit(new(3), ^1), LogitMetric.Of(LogitMetricKind.Logit, new(3), [^1]));
        Assert.Equal(
            new LogitMetric.Logit(new(3, 4), [1, 2]), LogitMetric.Of(LogitMetricKind.Difference, new(3, 4), [1, 2]));
        Assert.Equal(
            new LogitMetric.LogProbability(3, ^1), LogitMetric.Of(LogitMetricKind.LogProbability, new(3), [^1]));
        Assert.Equal(new LogitMetric.Probability(3, ^1), LogitMetric.Of(LogitMetricKind.Probability, new(3), [^1]));
        Assert.Equal(new LogitMetric.KlDivergence(^1), LogitMetric.Of(LogitMetricKind.KlDivergence, null, [^1]));
        Assert.Equal(
            new LogitMetric.Logit(new(direction), ^1),
            LogitMetric.Of(LogitMetricKind.Direction, new(direction), [^1]));
        foreach (var kind in Enum.GetValues<LogitMetricKind>())
            foreach (var target in (LogitTarget?[])[null, new(3), new(3, 4), new(direction)])
                if (Made(kind, target) is { } made)
                    Assert.Equal(kind, made.Kind);
        Refused(
            "The metric Logit was given an answer and a foil, expected one token.",
            LogitMetricKind.Logit,
            new(3, 4));
        Refused(
            "The metric Difference was given one token, expected an answer and a foil.",
            LogitMetricKind.Difference,
            new(3));
        Refused(
            "The metric KlDivergence was given one token, expected no target, since it compares the probabilities of "
            + "all tokens.",
            LogitMetricKind.KlDivergence,
            new(3));
        Refused(
            "The metric Direction was given no target, expected a direction of the stream.",
            LogitMetricKind.Direction,
            null);

        static LogitMetric? Made(LogitMetricKind kind, LogitTarget? target)
        {
            try
            {
                return LogitMetric.Of(kind, target, [^1]);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        static void Refused(string message, LogitMetricKind kind, LogitTarget? target) => Assert.Equal(
            message, Assert.Throws<ArgumentException>(() => LogitMetric.Of(kind, target, [^1])).Message);
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
