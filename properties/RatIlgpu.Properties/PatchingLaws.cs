using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(PatchingLaws)])]
public sealed class PatchingLaws
{
    // The error of two orders of summation in up to three layers, as a share of the larger of the metric and 1.
    const double Rounding = 1e-4;

    // The definition needs a whole run for every path of a case.
    const int Cases = 30;

    [Law(Cases)]
    public void A_path_has_the_metric_of_a_whole_run_with_the_change_put_in(ModelCase found) =>
        On(found, (model, pair, metric, random) =>
        {
            var input = (HeadInput)random.Next(3);
            var options = new DirectPathOptions
            {
                Scope = input == HeadInput.Query ? default : (KeyValueScope)random.Next(2),
                Norm = (NormTreatment)random.Next(2),
                Positions = random.Next(2) == 0
                    ? null
                    : [.. Enumerable.Range(0, pair.Length).Where(at => at % 2 == 0).Select(at => (Index)at)],
                MaxBatchRows = random.Next(1, 200),
            };
            var plain = new PlainPaths(model, pair);
            foreach (var map in new DirectPathPatching(model).SweepAll(pair, input, metric, options))
                foreach (var head in map.Patched)
                    Near(plain.Measure(map.Target.Source, head, input, metric, options), map[head]!.Value);
        });

    [Law(Cases)]
    public void A_patch_has_the_metric_of_a_whole_run_with_the_activation_replaced(ModelCase found) =>
        On(found, (model, pair, metric, random) =>
        {
            var plain = new PlainPatches(model, pair);
            PatchTarget[] targets = [.. PlainPatches.Targets(model.Config)];
            for (var tried = 0; tried < 4; tried++)
            {
                var target = targets[random.Next(targets.Length)];
                var options = new ActivationPatchingOptions { MaxBatchRows = random.Next(1, 200) };
                var grid = new ActivationPatching(model).Sweep(pair, target, metric, options);
                PatchCell[] cells = [.. grid.Cells.Where(cell => grid[cell] is not null)];
                random.Shuffle(cells);
                foreach (var cell in cells.Take(40))
                    Near(plain.Measure(target, cell, metric), grid[cell]!.Value);
            }
        });

    [Law(Cases)]
    public void Every_metric_is_what_its_definition_says_of_the_logits(ModelCase found) =>
        found.Holds((tiny, model, clean) =>
        {
            int[] corrupted = [.. clean.Select(token => (token + 1) % tiny.Config.VocabularySize)];
            Index[] positions = found.Length > 1 ? [0, ^1] : [0];
            var direction = new StreamDirection([.. Enumerable.Range(0, tiny.Config.HiddenSize).Select(i => i - 3.5)]);
            var (reference, run) = (Everything(model, clean), Everything(model, corrupted));
            Is(row => row[3], new LogitMetric.Logit(new(3), [.. positions]));
            Is(row => row[3] - row[4], new LogitMetric.Logit(new(3, 4), [.. positions]));
            Is(row => Logs(row)[5], new LogitMetric.LogProbability(5, [.. positions]));
            Is(row => Math.Exp(Logs(row)[5]), new LogitMetric.Probability(5, [.. positions]));
            Near(
                Mean(at => Logs(Row(reference, Site.Logits, at)).Zip(
                    Logs(Row(run, Site.Logits, at)), (p, q) => Math.Exp(p) * (p - q)).Sum()),
                new LogitMetric.KlDivergence([.. positions], reference).Measure(model, corrupted));
            Near(
                Mean(at => Row(run, Site.FinalNorm, at).Zip(direction.Values, (x, v) => x * v).Sum()),
                new LogitMetric.Logit(new(direction), [.. positions]).Measure(model, corrupted));

            void Is(Func<double[], double> of, LogitMetric metric) => Near(
                Mean(at => of(Row(run, Site.Logits, at))), metric.Measure(model, corrupted));

            double Mean(Func<int, double> of) =>
                positions.Average(position => of(position.GetOffset(found.Length)));
        });

    [Law(Cases)]
    public void Padding_on_either_side_changes_no_patch_of_a_token(ModelCase found) =>
        On(found, (model, pair, _, random) =>
        {
            var (before, after) = (random.Next(4), random.Next(4));
            int[] mask = [.. new int[before], .. Enumerable.Repeat(1, pair.Length), .. new int[after]];
            var padded = new PromptPair(Padded(pair.Clean), Padded(pair.Corrupted), [.. mask]);
            var at = random.Next(pair.Length);
            var (metric, moved) = (Metric(at), Metric(at + before));
            PatchTarget[] targets = [.. PlainPatches.Targets(model.Config)];
            var target = targets[random.Next(targets.Length)];
            var (plain, wide) = (Grid(pair, metric), Grid(padded, moved));
            foreach (var cell in wide.Cells)
                Alike(
                    plain.Cells.Contains(Moved(cell)) ? plain[Moved(cell)] : null, wide[cell]);
            var paths = new DirectPathPatching(model);
            var input = (HeadInput)random.Next(3);
            foreach (var (one, other) in paths.SweepAll(pair, input, metric)
                .Zip(paths.SweepAll(padded, input, moved)))
                foreach (var cell in one.Cells)
                    Alike(one[cell], other[cell]);

            int[] Padded(ValueArray<int> ids) => [.. Any(before), .. ids, .. Any(after)];

            // Ids of padding differ between the two prompts, and mean nothing.
            int[] Any(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(9))];

            LogitMetric Metric(int position) => new LogitMetric.LogProbability(5, position);

            PatchGrid<PatchTarget> Grid(PromptPair on, LogitMetric of) =>
                new ActivationPatching(model).Sweep(on, target, of);

            PatchCell Moved(PatchCell cell) =>
                cell with { Position = cell.Position - before, Key = cell.Key - before };
        });

    [Law(Cases)]
    public void Recorded_runs_give_the_patches_of_their_prompts_bit_for_bit(ModelCase found) =>
        On(found, (model, pair, metric, random) =>
        {
            PatchTarget[] targets = [.. PlainPatches.Targets(model.Config)];
            var target = targets[random.Next(targets.Length)];
            var patching = new ActivationPatching(model);
            var recorded = Recorded(ActivationPatching.Captures(target, metric));
            Same(patching.Sweep(pair, target, metric), patching.Sweep(recorded, target, metric));
            Same(
                patching.Sweep(pair, target, metric),
                patching.Sweep(pair with { CleanRun = recorded.CleanRun }, target, metric));
            var (paths, input) = (new DirectPathPatching(model), (HeadInput)random.Next(3));
            var runs = Recorded(paths.Captures(metric));
            foreach (var (one, other) in paths.SweepAll(pair, input, metric).Zip(paths.SweepAll(runs, input, metric)))
                Same(one, other);

            PromptPair Recorded(ImmutableArray<Capture> captures) => PromptPair.Of(
                new Recorder(model).Record(pair.Clean, captures), new Recorder(model).Record(pair.Corrupted, captures));
        });

    [Law(Cases)]
    public void A_batch_of_pairs_has_the_grids_of_each_alone(ModelCase found) =>
        On(found, (model, pair, metric, random) =>
        {
            PatchCase[] cases = [new(pair, metric), new(pair.Swapped(), metric)];
            PatchTarget[] targets = [.. PlainPatches.Targets(model.Config)];
            var target = targets[random.Next(targets.Length)];
            var patching = new ActivationPatching(model);
            var batch = patching.SweepPairs(cases, target);
            foreach (var (one, grid) in cases.Zip(batch.Grids))
                Same(patching.Sweep(one.Pair, target, one.Metric), grid);
            foreach (var cell in batch.Cells)
                Assert.Equal(MeanAndSpread.Of(batch.Grids.Select(grid => grid[cell])), batch.Metric(cell));
            var array = batch.ToArray(PatchValue.Effect);
            Assert.Equal(batch.Grids.SelectMany(grid => grid.Cells.Select(grid.Effect)), array.Values);

            var (paths, input) = (new DirectPathPatching(model), (HeadInput)random.Next(3));
            var source = new HeadIndex(0, random.Next(model.Config.HeadCount));
            foreach (var (one, grid) in cases.Zip(paths.SweepPairs(cases, [source], input).Single().Grids))
                Same(paths.Sweep(one.Pair, source, input, one.Metric), grid);
        });

    [Law(Cases)]
    public void A_sweep_that_is_stopped_anywhere_and_gone_on_with_has_the_bits_of_one_run(ModelCase found) =>
        On(found, (model, pair, metric, random) =>
        {
            PatchCase[] cases = [new(pair, Told(metric)), new(pair.Swapped(), Told(metric))];
            PatchTarget[] targets = [.. PlainPatches.Targets(model.Config)];
            var target = targets[random.Next(targets.Length)];
            var options = new ActivationPatchingOptions { MaxBatchRows = random.Next(1, 200) };
            GoesOn<PatchTarget>((kept, progress) => [
                .. new ActivationPatching(model) { Progress = progress }.SweepPairs(cases, target, options, kept).Grids,
            ]);
            var (input, direct) = ((HeadInput)random.Next(3), new DirectPathOptions
            {
                Axes = random.Next(2) == 0 ? PatchAxes.Head : PatchAxes.Layer,
                MaxBatchRows = random.Next(1, 200),
            });
            GoesOn<PathTarget>((kept, progress) => [
                .. new DirectPathPatching(model) { Progress = progress }.SweepPairs(cases, null, input, direct, kept)
                    .SelectMany(source => source.Grids),
            ]);

            void GoesOn<T>(Func<PartialPatches, IProgress<SweepProgress>, List<PatchGrid<T>>> sweep)
            {
                using var folder = new TemporaryFolder();
                var (path, whole) = (folder.Path("part"), new PartialPatches());
                var expected = sweep(whole, new Stopping(long.MaxValue));
                var (grids, at) = (default(List<PatchGrid<T>>), 0L);
                while (grids is null)
                {
                    var part = PartialPatches.Resume(path);
                    Assert.Equal(at, part.Done);
                    at += random.NextInt64(1, whole.Done + 2);
                    try
                    {
                        grids = sweep(part, new Stopping(at));
                    }
                    catch (OperationCanceledException)
                    {
                        part.Save(path);
                    }
                }

                foreach (var (one, other) in expected.Zip(grids))
                    Same(one, other);
            }

            // A function cannot be told from another one.
            static LogitMetric Told(LogitMetric metric) =>
                metric is LogitMetric.Custom ? new LogitMetric.Logit(new(3), ^1) : metric;
        });

    [Law(Cases)]
    public void Positions_from_the_end_are_those_of_each_pair(ModelCase found) =>
        On(found, (model, pair, _, random) =>
        {
            // A longer pair: positions from the end are others than in the first.
            PromptPair longer = new([.. pair.Clean, 1, 2], [.. pair.Corrupted, 3, 2]);
            var metric = new LogitMetric.LogProbability(5, ^1);
            PatchCase[] cases = [new(pair, metric), new(longer, metric)];
            var back = random.Next(1, pair.Length + 1);
            var target = new PatchTarget(Activation.Value, PatchAxes.Head);
            var (patching, paths) = (new ActivationPatching(model), new DirectPathPatching(model));
            var input = (HeadInput)random.Next(3);
            var source = new HeadIndex(0, random.Next(model.Config.HeadCount));
            var patches = patching.SweepPairs(cases, target, new() { Positions = [^back] });
            var ofPaths = paths.SweepPairs(cases, [source], input, new() { Positions = [^back] }).Single();
            foreach (var (place, one) in cases.Index())
            {
                Index position = one.Pair.Length - back;
                Same(
                    patching.Sweep(one.Pair, target, metric, new() { Positions = [position] }), patches.Grids[place]);
                Same(
                    paths.Sweep(one.Pair, source, input, metric, new() { Positions = [position] }),
                    ofPaths.Grids[place]);
            }
        });

    // Stops a sweep as a process that is killed, amid patches that run together.
    sealed class Stopping(long at) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value)
        {
            if (value.Done >= at)
                throw new OperationCanceledException();
        }
    }

    static void Same<T>(PatchGrid<T> expected, PatchGrid<T> found)
    {
        Assert.Equal(expected.CleanMetric, found.CleanMetric);
        Assert.Equal(expected.CorruptedMetric, found.CorruptedMetric);
        Assert.Equal(expected.Values.ToArray(), found.Values.ToArray());
    }

    static void Alike(double? expected, double? found)
    {
        Assert.Equal(expected is null, found is null);
        if (expected is { } value)
            Near(value, found!.Value);
    }

    static Recording Everything(Qwen2Model model, int[] ids) =>
        new Recorder(model).Record(ids, [new(Activation.FinalNorm), new(Activation.Logits)]);

    static double[] Row(Recording run, Site site, int position) =>
        [.. run[site].Row(position).ToArray().Select(number => (double)number)];

    // The logarithms of the probabilities.
    static double[] Logs(double[] logits)
    {
        var all = Math.Log(logits.Sum(Math.Exp));
        return [.. logits.Select(logit => logit - all)];
    }

    // Models with a layer after the first, which paths need.
    internal static Arbitrary<ModelCase> PatchCases => Arb.From(
        ModelCase.Any.Generator.Where(found => found.Layers > 1), found => ModelCase.Any.Shrinker(found));

    // The corrupted prompt differs in up to three tokens; the metric is of one of five kinds, at any position.
    static void On(ModelCase found, Action<Qwen2Model, PromptPair, LogitMetric, Random> holds) =>
        found.Holds((tiny, model, clean) =>
        {
            var random = new Random(found.Seed);
            int[] corrupted = [.. clean];
            for (var change = random.Next(3); change >= 0; change--)
                corrupted[random.Next(found.Length)] = random.Next(tiny.Config.VocabularySize);
            var at = new Index(random.Next(found.Length));
            LogitMetric metric = random.Next(5) switch
            {
                0 => new LogitMetric.Logit(new(3, 4), at),
                1 => new LogitMetric.LogProbability(5, at),
                2 => new LogitMetric.Probability(5, [.. new[] { at, 0 }.Distinct()]),
                3 => new LogitMetric.KlDivergence([at], Everything(model, clean)),
                _ => new LogitMetric.Custom([at], view => view.At(at)[3]),
            };
            holds(model, new(clean, corrupted), metric, random);
        });

    static void Near(double expected, double found)
    {
        Assert.True(double.IsFinite(found));
        Assert.Equal(expected, found, Rounding * Math.Max(1, Math.Abs(expected)));
    }
}
