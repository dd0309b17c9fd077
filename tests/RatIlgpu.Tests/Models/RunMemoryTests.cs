using RatIlgpu.Models;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Models;

/// <summary>A run frees every tensor that it allocated, however it ends.</summary>
public sealed class RunMemoryTests : IDisposable
{
    const string Traces = "traces";
    const string Flows = "flows";

    readonly TinyQwen2 tiny = new();
    readonly WatchedDevice device = new();
    readonly Qwen2Model model;

    public RunMemoryTests()
    {
        model = tiny.On(device);
        // The model keeps its rotary angles.
        model.Run(tiny.Prompt(1), new());
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
    }

    public static TheoryData<string> Runs => [.. All.Keys, Traces, Flows];

    public static TheoryData<string> ProbedRuns => [.. All.Keys];

    static Dictionary<string, Action<RunMemoryTests, IProbe?, CancellationToken>> All { get; } = new()
    {
        ["a run"] = (on, probe, stop) => on.model.Run(
            on.tiny.Prompt(5), new() { Probe = probe, Cancellation = stop, AttentionMask = [0, 1, 1, 1, 1] }),
        ["a run whose logits are kept"] = (on, probe, stop) =>
            on.model.Forward(on.tiny.Prompt(4), new() { Probe = probe, Cancellation = stop }).Dispose(),
        ["a run over a cache"] = (on, probe, stop) =>
        {
            using var cache = new KeyValueCache(on.model.Config, on.device, 1);
            on.model.Run(on.tiny.Prompt(3), new() { Cache = cache, LogitCount = 1 });
            on.model.Run(on.tiny.Prompt(2), new() { Cache = cache, Probe = probe, Cancellation = stop });
        },
        ["branches"] = (on, probe, stop) =>
        {
            using var stream = on.device.Allocate(4, on.model.Config.HiddenSize);
            on.device.Fill(1, stream);
            on.model.RunFrom(
                new(Activation.ResidualBefore, 1), stream, new() { Probe = probe, Cancellation = stop }, branches: 2);
        },
        ["a batch"] = (on, probe, stop) => on.model.RunAll(
            [
                new([.. on.tiny.Prompt(3)]) { AttentionMask = [0, 1, 1] },
                new([.. on.tiny.Prompt(4)]) { Probe = probe, LogitPositions = [1, 3] },
                new([.. on.tiny.Prompt(2)]),
            ],
            new() { Cancellation = stop }),
        ["a batch over caches"] = (on, probe, stop) =>
        {
            using var cache = new KeyValueCache(on.model.Config, on.device, 1);
            on.model.Run(on.tiny.Prompt(3), new() { Cache = cache, LogitCount = 1 });
            on.model.RunAll(
                [new([.. on.tiny.Prompt(2)]) { Cache = cache, Probe = probe }, new([.. on.tiny.Prompt(1)])],
                new() { Cancellation = stop });
        },
        ["a batch of streams"] = (on, probe, stop) =>
        {
            using var cache = new KeyValueCache(on.model.Config, on.device, 1);
            on.model.Run(on.tiny.Prompt(3), new() { Cache = cache, LogitCount = 1 });
            using var stream = on.device.Allocate(4, on.model.Config.HiddenSize);
            on.device.Fill(1, stream);
            on.model.RunAllFrom(
                new(Activation.ResidualBefore, 1),
                [new(stream) { Branches = 2, Cache = cache, Probe = probe }, new(stream) { LogitPositions = [2] }],
                new() { Cancellation = stop });
        },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void That_ends_frees_all(string run)
    {
        var before = device.LiveCount;
        Run(run);
        Assert.Equal(before, device.LiveCount);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void That_runs_out_of_memory_frees_all(string run) =>
        FreesAll<InsufficientMemoryException>(run, left => device.AllocationsLeft = left);

    [Theory]
    [MemberData(nameof(Runs))]
    public void Whose_device_fails_frees_all(string run) =>
        FreesAll<IOException>(run, left => device.OperationsLeft = left);

    [Theory]
    [MemberData(nameof(ProbedRuns))]
    public void Whose_probe_throws_frees_all(string run)
    {
        var before = device.LiveCount;
        foreach (var site in Sites())
        {
            var probe = new RecordingProbe(one => one == site, (_, _, _) => throw new TimeoutException());
            if (!IsBehindStart(run, site))
                Assert.Throws<TimeoutException>(() => All[run](this, probe, default));
            Assert.Equal(before, device.LiveCount);
        }
    }

    [Theory]
    [MemberData(nameof(ProbedRuns))]
    public void That_is_cancelled_in_its_middle_stops_and_frees_all(string run)
    {
        var before = device.LiveCount;
        foreach (var site in Sites())
        {
            using var stop = new CancellationTokenSource();
            var probe = new RecordingProbe(one => !one.IsBefore(site), (_, _, _) => stop.Cancel());
            // Nothing comes after the logits.
            if (site == Site.Logits || IsBehindStart(run, site))
                continue;
            Assert.Throws<OperationCanceledException>(() => All[run](this, probe, stop.Token));
            Assert.Single(probe.Shown);
            Assert.Equal(before, device.LiveCount);
        }
    }

    // Queries are held when the keys come.
    [Theory]
    [InlineData(Activation.RotatedKey)]
    [InlineData(Activation.HeadKey)]
    [InlineData(Activation.Logits)]
    public void For_traces_that_fails_in_its_middle_frees_all(Activation where)
    {
        var before = device.LiveCount;
        var target = InterventionTarget.At(model, where, where == Activation.Logits ? 0 : 2);
        Assert.Throws<TimeoutException>(
            () => Trace(default, Intervention.Edit(target, (_, _, _) => throw new TimeoutException())));
        Assert.Equal(before, device.LiveCount);

        using var stop = new CancellationTokenSource();
        var cancel = Intervention.Edit(target, (_, _, _) => stop.Cancel());
        // The last logits are read before the run looks at the token again.
        if (where != Activation.Logits)
            Assert.Throws<OperationCanceledException>(() => Trace(stop.Token, cancel));
        Assert.Equal(before, device.LiveCount);
    }

    [Fact]
    public void Over_a_cache_that_cannot_grow_leaves_the_cache_as_it_was()
    {
        using var cache = new KeyValueCache(model.Config, device, 2);
        model.Run(tiny.Prompt(2), new() { Cache = cache });
        device.AllocationsLeft = 3;
        Assert.Throws<InsufficientMemoryException>(() => model.Run(tiny.Prompt(1), new() { Cache = cache }));
        Assert.Equal((2, 2), (cache.Count, cache.Capacity));
        device.AllocationsLeft = null;
        model.Run(tiny.Prompt(1), new() { Cache = cache });
        Assert.Equal(3, cache.Count);
    }

    // Fails at every place where the run can.
    void FreesAll<TFailure>(string run, Action<int> failAfter)
        where TFailure : Exception
    {
        var (before, failures, ends) = (device.LiveCount, 0, false);
        while (!ends)
        {
            failAfter(failures);
            try
            {
                Run(run);
                ends = true;
            }
            catch (TFailure)
            {
                failures++;
            }

            Assert.Equal(before, device.LiveCount);
        }

        Assert.True(failures > 5);
    }

    void Run(string run)
    {
        if (run == Traces)
            Trace(default);
        else if (run == Flows)
            Flow(default);
        else
            All[run](this, null, default);
    }

    void Flow(CancellationToken stop)
    {
        var options = new FlowOptions { AttentionMask = [1, 0, 1, 1, 1] }.Resolve(5, model.Config.LayerCount);
        FlowRun.Of(model, tiny.Prompt(5), [2, 4], options, null, stop);
    }

    void Trace(CancellationToken stop, params Intervention[] interventions)
    {
        var options = new TraceOptions { AttentionMask = [1, 0, 1, 1, 1], Interventions = [.. interventions] };
        var axes = new TraceAxes { Positions = [1, 3, 4], Layers = [0, 2] };
        var plan = TracePlan.Make(model, tiny.Prompt(5), axes, options);
        TraceRun.OfAll(model, [plan, plan], (_, _, _, _) => { }, null, stop);
    }

    static IEnumerable<Site> Sites() => Enum.GetValues<Activation>()
        .Select(activation => new Site(activation, new Site(activation, 0).IsInLayer ? 1 : 0));

    // Branches and streams start before layer 1.
    static bool IsBehindStart(string run, Site site) =>
        run is "branches" or "a batch of streams" && site == Site.Embedding;
}
