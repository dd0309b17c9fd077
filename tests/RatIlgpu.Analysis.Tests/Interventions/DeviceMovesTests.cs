using RatIlgpu.Interventions;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The numbers that interventions and recordings move between a device and this process.</summary>
public sealed class DeviceMovesTests : IDisposable
{
    readonly WatchedDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public DeviceMovesTests()
    {
        model = tiny.On(device);
        // The model keeps its rotary angles.
        model.Run(tiny.Prompt(1), new());
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    public static TheoryData<string> Kinds =>
        [.. TriedChange.All.Select(kind => kind.Name).Where(name => name != "edit")];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_intervention_but_an_edit_downloads_and_each_uploads_once(string name)
    {
        var kind = TriedChange.All.Single(one => one.Name == name);
        var (other, plain) = (Record(8), Uploads(() => Run(null)));
        foreach (var scope in Enum.GetValues<KeyValueScope>())
            foreach (var site in InterventionBench.Sites.Where(site => kind.Fits(site.Activation)))
                foreach (var positions in (ImmutableArray<int>?[])[null, [1, 4]])
                {
                    var target = InterventionTarget.At(model, site.Activation, site.Layer, null, positions, scope);
                    using var probe = new InterventionProbe(model, kind.Make(target, other));
                    var before = device.Downloads;
                    var uploads = Uploads(() => Run(probe)) - plain;
                    Assert.Equal(before, device.Downloads);
                    // Angles, where keys of the recording have to be rotated on the device.
                    var expected = name switch
                    {
                        "zero" or "scale" => 0,
                        "replace" => target.IsRotated ? 1 : 0,
                        _ => 1,
                    };
                    Assert.Equal(expected, uploads);
                    Assert.Equal(plain, Uploads(() => Run(probe)));
                }
    }

    [Fact]
    public void Rows_of_a_source_are_uploaded_once_for_all_blocks_and_steps()
    {
        var ids = tiny.Prompt(600);
        // The angles of all positions.
        model.Run(tiny.Prompt(700), new() { LogitCount = 1 });
        foreach (var scope in Enum.GetValues<KeyValueScope>())
        {
            var target = InterventionTarget.At(model, Activation.Key, 1, scope: scope);
            using var probe = new InterventionProbe(model, Intervention.Add(target, [1, 2, 3, 4, 5, 6, 7, 8]));
            var plain = Uploads(() => model.Run(ids, new() { LogitCount = 1 }));
            var options = new ForwardOptions { Probe = probe, ProbeTakesBlocks = true, LogitCount = 1 };
            var uploads = Uploads(() => model.Run(ids, options));
            // Three blocks of positions: of rotated keys, those of the first 256, of the first 512, and of the first
            // 1,024.
            Assert.Equal(plain + (target.IsRotated ? 3 : 1), uploads);
            using var cache = new KeyValueCache(model.Config, device, 1);
            model.Run(ids, new() { Probe = probe, Cache = cache, LogitCount = 1 });
            Assert.Equal(
                Uploads(() => model.Run([1], new() { Cache = cache })),
                Uploads(() => model.Run([1], new() { Probe = probe, Cache = cache })));
        }
    }

    [Theory]
    [InlineData(Activation.HeadOutput, 2 * 2 * 8)]
    [InlineData(Activation.Pattern, 2 * 2 * 6)]
    [InlineData(Activation.MlpNeurons, 2 * 56)]
    public void An_edit_moves_only_the_rows_that_it_edits(Activation activation, int expected)
    {
        ImmutableArray<int>? heads = ActivationAxes.HasHeads(activation) ? [1, 3] : null;
        var target = InterventionTarget.At(model, activation, 1, heads, [2, 5]);
        using var probe = new InterventionProbe(model, Intervention.Edit(target, (_, _, row) => row.Clear()));
        var (downloads, numbers) = (device.Downloads, device.NumbersDownloaded);
        Run(probe);
        Assert.Equal((downloads + 1, numbers + expected), (device.Downloads, device.NumbersDownloaded));
    }

    [Fact]
    public void A_probe_that_was_disposed_has_nothing_on_the_device_and_can_run_again()
    {
        var before = device.LiveCount;
        var target = InterventionTarget.At(model, Activation.Key, 1, scope: KeyValueScope.QueryHead);
        using var probe = new InterventionProbe(model, Intervention.Add(target, [1, 2, 3, 4, 5, 6, 7, 8]));
        Run(probe);
        Assert.Equal(before + 1, device.LiveCount);
        probe.Dispose();
        Assert.Equal(before, device.LiveCount);
        Run(probe);
        probe.Dispose();
        Assert.Equal(before, device.LiveCount);
    }

    [Fact]
    public void A_recording_downloads_each_activation_when_it_is_first_read()
    {
        // Downloads rows of every weight.
        _ = ModelFingerprint.Of(model);
        var (before, live) = (device.Downloads, device.LiveCount);
        var run = Record(7);
        Assert.Equal(before, device.Downloads);
        Assert.Equal(live + run.Sites.Count(), device.LiveCount);
        foreach (var (i, site) in run.Sites.Index())
        {
            Assert.Equal(run[site].Shape.Count, run[site].Values.Length);
            _ = run[site].Heads.IsEmpty ? run[site].Row(3) : run[site].Row(3, 1);
            Assert.Equal(before + i + 1, device.Downloads);
        }

        Assert.Equal(live, device.LiveCount);
    }

    [Fact]
    public void A_run_that_starts_at_a_recorded_stream_uses_it_where_it_lies()
    {
        var whole = Record(7);
        var start = whole[new(Activation.ResidualBefore, 1)];
        var (uploads, downloads) = (device.Uploads, device.Downloads);
        var rest = new Recorder(model).Record(tiny.Prompt(6), [new(Activation.Logits)], new() { Start = start });
        Assert.Equal((uploads, downloads), (device.Uploads, device.Downloads));
        Assert.All(
            whole[Site.Logits].Values.ToArray().Zip([.. rest[Site.Logits].Values]),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void A_recorded_run_that_fails_frees_what_it_recorded()
    {
        _ = ModelFingerprint.Of(model);
        var before = device.LiveCount;
        var fails = Intervention.Edit(
            InterventionTarget.At(model, Activation.MlpInput, 2), (_, _, _) => throw new TimeoutException());
        var changes = new RecordingOptions { Interventions = [fails] };
        Assert.Throws<TimeoutException>(
            () => new Recorder(model).Record(tiny.Prompt(6), InterventionBench.Everything, changes));
        Assert.Throws<TimeoutException>(() => new Recorder(model).RecordAll(
            [new([1, 2, 3]), new([4, 5, 6])], InterventionBench.Everything, changes).Count());
        Assert.Equal(before, device.LiveCount);
    }

    Recording Record(int seed) => new Recorder(model).Record(tiny.Prompt(6, seed), InterventionBench.Everything);

    void Run(IProbe? probe) => model.Run(tiny.Prompt(6), new() { Probe = probe });

    int Uploads(Action run)
    {
        var before = device.Uploads;
        run();
        return device.Uploads - before;
    }
}
