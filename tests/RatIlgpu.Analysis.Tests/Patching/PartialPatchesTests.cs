using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PartialPatchesTests : IDisposable
{
    static readonly PatchTarget Heads = new(Activation.HeadOutput, PatchAxes.Head);

    readonly TemporaryFolder folder = new();
    readonly PatchingCase on = new();

    public void Dispose()
    {
        on.Dispose();
        folder.Dispose();
    }

    public static TheoryData<string> Kinds => [.. KeptSweep.Kinds.Keys];

    string File => folder.Path("part");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_sweep_that_is_stopped_and_gone_on_with_again_and_again_has_the_bits_of_one_run(string kind)
    {
        var (sweep, once) = (new KeptSweep(on, kind), new PartialPatches());
        var whole = sweep.Run(once);
        var (measured, runs, step) = (new List<long>(), 0, long.Max(1, once.Done / 12));
        List<KeptSweep.Grid>? found = null;
        while (found is null && ++runs < 100)
        {
            var part = PartialPatches.Resume(File);
            using var stop = new CancellationTokenSource();
            var most = part.Done + step;
            var steps = new Steps(done =>
            {
                if (done >= most)
                    stop.Cancel();
            });
            try
            {
                found = sweep.Run(part, steps, stop.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.InRange(part.Done, most, part.Total!.Value);
            }

            part.Save(File);
            measured.AddRange(steps.All.Select(one => one.Done));
        }

        Assert.InRange(runs, 2, 99);
        KeptSweep.Same(whole, found!);
        var all = PartialPatches.Load(File);
        Assert.Equal(all.Total, all.Done);
        // None is told twice, and none left out.
        Assert.Equal(Enumerable.Range(1, (int)all.Done).Select(done => (long)done), measured);
    }

    // A process that is killed has written the file amid patches that run together.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_part_of_any_number_of_patches_is_gone_on_with(string kind)
    {
        var sweep = new KeptSweep(on, kind);
        var (part, parts) = (new PartialPatches(), new List<long>());
        var whole = sweep.Run(part, new Steps(done =>
        {
            if (done % 5 != 1)
                return;
            part.Save(folder.Path($"{done}"));
            parts.Add(done);
        }));
        Assert.NotEmpty(parts);
        foreach (var done in parts)
        {
            var kept = PartialPatches.Load(folder.Path($"{done}"));
            Assert.Equal((done, part.Total), (kept.Done, kept.Total));
            var steps = new Steps();
            KeptSweep.Same(whole, sweep.Run(kept, steps));
            Assert.Equal(part.Total - done, steps.All.Count);
            if (steps.All.Count > 0)
                Assert.Equal((done + 1, 1.0), (steps.All[0].Done, steps.All[^1].Share));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_known_is_not_measured_again(string kind)
    {
        var sweep = new KeptSweep(on, kind);
        var part = new PartialPatches();
        using (var stop = new CancellationTokenSource())
        {
            stop.Cancel();
            Assert.Throws<OperationCanceledException>(() => sweep.Run(part, null, stop.Token));
        }

        // Numbers that no patch gives.
        for (var place = 0; place < part.Total; place++)
            part.Add(1000 + place);
        var steps = new Steps();
        var found = sweep.Run(part, steps).SelectMany(grid => grid.Values).OfType<double>().ToList();
        Assert.NotEmpty(found);
        Assert.All(found, value => Assert.InRange(value, 1000, 1000 + part.Total!.Value));
        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Empty(steps.All);
    }

    [Fact]
    public void What_is_not_the_same_sweep_is_refused_by_name()
    {
        Activations(new());
        Refused("--activation is head-output, expected query", Heads with { Activation = Activation.Query });
        Refused("--axes is head, expected position,head", Heads with { Axes = PatchAxes.Position | PatchAxes.Head });
        Refused("--scope is key-value-group, expected query-head", Heads with { Scope = KeyValueScope.QueryHead });
        Refused("--layers is all, expected 0,2", options: new() { Layers = [^1, 0] });
        Refused("--heads is all, expected 1,4", options: new() { Heads = [4, 1] });
        Refused("--patch-position is all, expected 3,-1", options: new() { Positions = [3, ^1] });
        Refused("--max-batch-rows is 1024, expected 64", options: new() { MaxBatchRows = 64 });
        Refused("--metric is difference, expected log-probability", metric: new LogitMetric.LogProbability(11, ^1));
        Refused("--answer is #11, expected #10", metric: new LogitMetric.Logit(new(10, 12), ^1));
        Refused("--foil is #12, expected #13", metric: new LogitMetric.Logit(new(11, 13), ^1));
        Refused("--position is 7, expected 5,7", metric: new LogitMetric.Logit(new(11, 12), [5, ^1]));
        Refused(
            "text of the prompts is 1 pair (SHA-256 [0-9A-F]{16}), expected 1 pair (SHA-256 [0-9A-F]{16})",
            pair: on.PairOf(2));
        Refused(
            "--attention-mask is none, expected 01111111",
            pair: new(on.Pair.Clean.AsSpan(), on.Pair.Corrupted.AsSpan(), [0, 1, 1, 1, 1, 1, 1, 1]));
        var recorder = new Recorder(on.Model);
        Refused(
            "recorded runs is none, expected SHA-256 [0-9A-F]{16}",
            pair: on.Pair with
            {
                CleanRun = recorder.Record(
                    on.Pair.Clean.AsSpan(), [.. ActivationPatching.Captures(Heads, PatchingCase.Metric)]),
            });
    }

    [Fact]
    public void Paths_that_are_not_the_same_are_refused_by_name()
    {
        Paths(null, HeadInput.Query, new(), new());
        Refused("--source is all, expected L0H1,L1H0", [new(0, 1), new(1, 0)]);
        Refused("--input is query, expected value", null, HeadInput.Value);
        Refused("--norm is frozen-scale, expected recomputed", options: new() { Norm = NormTreatment.Recomputed });
        Refused("--axes is head, expected layer", options: new() { Axes = PatchAxes.Layer });
        Refused("--layers is all, expected 2", options: new() { DestinationLayers = [2] });
        Refused("--heads is all, expected 1", options: new() { DestinationHeads = [1] });
        RefusedAs("--activation is not given, expected head-output", Activations);

        void Refused(
            string what, ValueArray<HeadIndex>? sources = null, HeadInput input = HeadInput.Query,
            DirectPathOptions? options = null) =>
            RefusedAs(what, part => Paths(sources, input, options ?? new(), part));
    }

    [Fact]
    public void Metrics_of_which_one_is_another_are_refused()
    {
        PatchCase[] cases = [new(on.Pair, PatchingCase.Metric), new(on.Pair, new LogitMetric.Logit(new(3, 4), ^1))];
        Save(part => on.Activations.SweepPairs(cases, Heads, null, part));
        cases[1] = cases[1] with { Metric = new LogitMetric.Logit(new(3, 5), ^1) };
        RefusedAs(
            "metrics of the pairs is [0-9A-F]{16}, expected [0-9A-F]{16}",
            part => on.Activations.SweepPairs(cases, Heads, null, part));
        RefusedAs(
            "text of the prompts is 2 pairs (SHA-256 [0-9A-F]{16}), expected 1 pair (SHA-256 [0-9A-F]{16})",
            part => on.Activations.SweepPairs(cases[..1], Heads, null, part));
    }

    [Fact]
    public void Another_direction_is_refused()
    {
        Along(1);
        RefusedAs(
            "--direction is probe (SHA-256 [0-9A-F]{16}), expected probe (SHA-256 [0-9A-F]{16})", _ => Along(2));

        void Along(double first) => Save(part => on.Activations.SweepPairs(
            [new(on.Pair, new LogitMetric.Logit(
                new(new StreamDirection([first, .. new double[39]], "probe")), ^1))],
            Heads, null, part));
    }

    [Fact]
    public void Another_model_and_another_format_of_its_weights_are_refused()
    {
        Activations(new());
        using var device = new CpuDevice();
        using var other = new TinyQwen2(seed: 2);
        using var model = other.On(device);
        RefusedAs("model is 3 layers, .*, expected 3 layers, .*", part => new ActivationPatching(model).SweepPairs(
            [new(on.Pair, PatchingCase.Metric)], Heads, null, part));
        using var wide = new TinyQwen2(format: DataType.F32, change: (_, numbers) => Round(numbers));
        using var widened = wide.On(device);
        RefusedAs("format of the weights is BF16, expected F32", part => new ActivationPatching(widened).SweepPairs(
            [new(on.Pair, PatchingCase.Metric)], Heads, null, part));

        static void Round(float[] numbers)
        {
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = BitConverter.Int32BitsToSingle(
                    (BitConverter.SingleToInt32Bits(numbers[i]) + 0x7FFF
                        + ((BitConverter.SingleToInt32Bits(numbers[i]) >> 16) & 1)) & unchecked((int)0xFFFF0000));
        }
    }

    [Fact]
    public void Another_device_is_refused()
    {
        Activations(new());
        using var plain = new PlainDevice();
        using var tiny = new TinyQwen2();
        using var model = tiny.On(plain);
        RefusedAs("device is cpu, Vector[0-9]+, expected plain, .*", part => new ActivationPatching(model).SweepPairs(
            [new(on.Pair, PatchingCase.Metric)], Heads, null, part));
    }

    [Fact]
    public void A_metric_of_ones_own_cannot_be_kept() => Assert.Equal(
        "The metric is a function of one's own, which cannot be told from others: patches that are kept need a metric "
        + "of another kind.",
        Assert.Throws<ArgumentException>(() => on.Activations.SweepPairs(
            [new(on.Pair, new LogitMetric.Custom([^1], view => view.At(^1)[3]))], Heads, null,
            new PartialPatches())).Message);

    [Fact]
    public void What_was_measured_in_this_process_serves_no_other_sweep_either()
    {
        var part = new PartialPatches();
        Activations(part);
        Assert.Equal(
            "The measured patches: --axes is head, expected layer; go on with what the file was made with, or name "
            + "another file.",
            Assert.Throws<InvalidDataException>(() => on.Activations.SweepPairs(
                [new(on.Pair, PatchingCase.Metric)], Heads with { Axes = PatchAxes.Layer }, null, part)).Message);
        // The same once more.
        Activations(part);
    }

    [Fact]
    public void Before_a_sweep_has_begun_there_is_nothing_to_save()
    {
        Assert.Equal(
            "No sweep has begun: there is nothing to save.",
            Assert.Throws<InvalidOperationException>(() => new PartialPatches().Save(File)).Message);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_file_of_something_else_is_no_part()
    {
        System.IO.File.WriteAllBytes(File, MadePart.Bytes(MadePart.Of(AtlasShard.Whole)));
        Assert.Equal(
            $"{File}: is no part of a sweep of patches, expected a file that patch --partial wrote.",
            Assert.Throws<InvalidDataException>(() => PartialPatches.Resume(File)).Message);
    }

    [Fact]
    public void A_damaged_file_is_refused()
    {
        Activations(new());
        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[^40] ^= 1;
        System.IO.File.WriteAllBytes(File, bytes);
        Assert.Equal(
            $"{File}: is damaged: its content does not have the hash at its end; delete it and run its command again.",
            Assert.Throws<InvalidDataException>(() => PartialPatches.Resume(File)).Message);
    }

    void Refused(
        string what,
        PatchTarget? target = null,
        ActivationPatchingOptions? options = null,
        LogitMetric? metric = null,
        PromptPair? pair = null) => RefusedAs(what, part => on.Activations.SweepPairs(
            [new(pair ?? on.Pair, metric ?? PatchingCase.Metric)], target ?? Heads, options, part));

    // The file stays as it is, and the sweep of which it is goes on.
    void RefusedAs(string what, Action<PartialPatches> sweep)
    {
        var before = System.IO.File.ReadAllBytes(File);
        var message = Assert.Throws<InvalidDataException>(() => sweep(PartialPatches.Resume(File))).Message;
        var pattern = what.Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);
        Assert.StartsWith($"{File}: ", message, StringComparison.Ordinal);
        Assert.Matches(
            $"^{pattern}; go on with what the file was made with, or name another file\\.$",
            message[$"{File}: ".Length..]);
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
    }

    void Activations(PartialPatches part) =>
        Save(part, () => on.Activations.SweepPairs([new(on.Pair, PatchingCase.Metric)], Heads, null, part));

    void Paths(ValueArray<HeadIndex>? sources, HeadInput input, DirectPathOptions options, PartialPatches part) =>
        Save(part, () => on.Paths.SweepPairs(
            [new(on.Pair, PatchingCase.Metric)], sources, input, options, part));

    void Save(Action<PartialPatches> sweep)
    {
        var part = PartialPatches.Resume(File);
        Save(part, () => sweep(part));
    }

    void Save(PartialPatches part, Action sweep)
    {
        sweep();
        part.Save(File);
    }
}
