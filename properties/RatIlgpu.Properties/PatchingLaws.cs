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

    // Models with a layer after the first, which paths need.
    internal static Arbitrary<ModelCase> PatchCases => Arb.From(
        ModelCase.Any.Generator.Where(found => found.Layers > 1), found => ModelCase.Any.Shrinker(found));

    // The corrupted prompt differs in up to three tokens; the metric is of one of three kinds, at any position.
    static void On(ModelCase found, Action<Qwen2Model, PromptPair, LogitMetric, Random> holds) =>
        found.Holds((tiny, model, clean) =>
        {
            var random = new Random(found.Seed);
            int[] corrupted = [.. clean];
            for (var change = random.Next(3); change >= 0; change--)
                corrupted[random.Next(found.Length)] = random.Next(tiny.Config.VocabularySize);
            var at = new Index(random.Next(found.Length));
            LogitMetric metric = random.Next(3) switch
            {
                0 => new LogitMetric.Logit(new(3, 4), at),
                1 => new LogitMetric.LogProbability(5, at),
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
