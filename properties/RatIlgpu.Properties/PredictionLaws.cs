using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>A prediction table says what whole runs with the interventions of its conditions say.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class PredictionLaws
{
    // Two orders of summation in up to three layers, as a share of the larger of the number and 1.
    const double Rounding = 1e-4;

    const int Many = 100;

    [Law(Many)]
    public void Every_row_is_that_of_a_whole_run(ModelCase some) => some.Holds((_, model, ids) =>
    {
        var random = new Random(some.Seed);
        var (t, top) = (random.Next(ids.Length), random.Next(1, 12));
        ImmutableArray<int> masked = [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(20)).Distinct()];
        var heads = HeadsOf(model.Config, random);
        var report = PredictionTable.Run(
            model, [new([.. ids], t)], new() { Heads = [.. heads], Top = top, Masked = [.. masked] });
        var rows = report.Prompts.Single().Rows;
        var before = Logits(model, ids[..(t + 1)], []);
        Assert.Equal(PredictionConditionKind.Baseline, rows[0].Condition.Kind);
        foreach (var row in rows)
            Same(row, before, Logits(model, ids[..(t + 1)], Changes(model, row.Condition, t)), masked, top,
                rows[0].Predicted.Id);
    });

    [Law(Many)]
    public void Without_any_value_the_prediction_is_that_of_the_last_token_alone(ModelCase some) =>
        some.Holds((tiny, model, ids) =>
        {
            var other = tiny.Prompt(1 + (some.Seed % 7), some.Seed + 1);
            PredictionOptions options = new() { Heads = [new(0, 0)] };
            var report = PredictionTable.Run(
                model, [Whole(ids), Whole([.. other, ids[^1]]), Whole([ids[^1]])], options);
            var found = report.Prompts.Select(prompt => prompt.Rows.Single(row =>
                row.Condition.Kind == PredictionConditionKind.AllValues).Predicted).ToList();
            Assert.Equal(found[0], found[1]);
            Assert.Equal(found[0], found[2]);
        });

    [Law(Many)]
    public void Chosen_heads_are_those_that_change_predictions_most(ModelCase some) => some.Holds((_, model, ids) =>
    {
        var config = model.Config;
        var all = Enumerable.Range(0, config.LayerCount * config.HeadCount)
            .Select(place => new HeadIndex(place / config.HeadCount, place % config.HeadCount)).ToList();
        var report = PredictionTable.Run(model, [Whole(ids)], new() { ChosenHeads = 2 });
        Assert.True(report.AreChosen);
        Assert.Equal(int.Min(2, all.Count), report.Heads.Length);
        var before = Logs(Logits(model, ids, []));
        var effects = all.ToDictionary(head => head, head => Divergence(
            before, Logs(Logits(model, ids, [Zero(model, head.Layer, [head.Head], ids.Length - 1)]))));
        var least = report.Heads.Min(head => effects[head]);
        Assert.All(
            all.Except(report.Heads), head => Assert.InRange(effects[head], double.MinValue, least + Rounding));
    });

    static PredictionPrompt Whole(int[] ids) => new([.. ids], ids.Length - 1);

    static void Same(
        PredictionRow row, float[] before, float[] after, ImmutableArray<int> masked, int top, int was)
    {
        int[] shown = [.. Enumerable.Range(0, before.Length).Except(masked)];
        Near(shown.Max(id => before[id]), before[was]);
        Near(shown.Max(id => after[id]), row.Predicted.Logit);
        Near(after[row.Predicted.Id], row.Predicted.Logit);
        Near(Math.Exp(Logs(after)[row.Predicted.Id]), row.Predicted.Probability);
        Near(after[was] - before[was], row.LogitChange);
        Near(Logs(after)[was] - Logs(before)[was], row.LogProbabilityChange);
        Near(Divergence(Logs(before), Logs(after)), row.Divergence);
        Assert.Equal(row.Predicted.Id == was, row.IsSame);
        foreach (var (listed, sign) in new[] { (row.Risen, 1), (row.Fallen, -1) })
        {
            var sorted = shown.Select(id => sign * ((double)after[id] - before[id])).OrderDescending().ToList();
            Assert.InRange(listed.Length, sorted.Take(top).Count(size => size > Rounding), top);
            foreach (var (place, one) in listed.Index())
            {
                Assert.DoesNotContain(one.Id, masked);
                Assert.True(sign * one.Change > 0);
                Near(sorted[place], sign * one.Change);
                Near(after[one.Id] - before[one.Id], one.Change);
            }

            Assert.Equal(listed.Length, listed.Select(one => one.Id).Distinct().Count());
        }
    }

    static ImmutableArray<HeadIndex> HeadsOf(Qwen2Config config, Random random) =>
    [
        .. Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => new HeadIndex(random.Next(config.LayerCount), random.Next(config.HeadCount))).Distinct(),
    ];

    // What the kind of a condition says, written out once more.
    static ImmutableArray<Intervention> Changes(Qwen2Model model, PredictionCondition condition, int t)
    {
        return condition.Kind switch
        {
            PredictionConditionKind.Baseline => [],
            PredictionConditionKind.Heads =>
                [.. condition.Heads.Select(head => Zero(model, head.Layer, [head.Head], t))],
            PredictionConditionKind.PreviousValues => [Values(condition.Layer!.Value, t - 1)],
            PredictionConditionKind.TwoPreviousValues => [Values(condition.Layer!.Value, t - 2, t - 1)],
            PredictionConditionKind.LayerValues => [Values(condition.Layer!.Value, [.. Enumerable.Range(0, t + 1)])],
            PredictionConditionKind.EarlierValues => [Values(condition.Layer!.Value, [.. Enumerable.Range(0, t)])],
            PredictionConditionKind.AllValues =>
            [
                .. Enumerable.Range(0, model.Config.LayerCount)
                    .Select(layer => Values(layer, [.. Enumerable.Range(0, t + 1)])),
            ],
            PredictionConditionKind.PreviousValuesOfHeads =>
            [
                .. condition.Heads.Select(head => Intervention.Zero(InterventionTarget.At(
                    model, Activation.Value, head.Layer, [head.Head], [t - 1], KeyValueScope.QueryHead))),
            ],
            _ => throw new InvalidOperationException($"{condition} was not asked for."),
        };

        Intervention Values(int layer, params ImmutableArray<int> positions) =>
            Intervention.Zero(InterventionTarget.At(model, Activation.Value, layer, null, positions));
    }

    static Intervention Zero(Qwen2Model model, int layer, ImmutableArray<int> heads, int t) =>
        Intervention.Zero(InterventionTarget.At(model, Activation.HeadOutput, layer, heads, [t]));

    static float[] Logits(Qwen2Model model, int[] ids, ImmutableArray<Intervention> changes)
    {
        using var probe = new InterventionProbe(model, changes.AsSpan());
        using var logits = model.Forward(ids, new() { Probe = probe, LogitCount = 1 });
        return model.Device.Download(logits);
    }

    static double[] Logs(float[] logits)
    {
        var sum = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        return [.. logits.Select(logit => logit - sum)];
    }

    static double Divergence(double[] one, double[] other) => one.Zip(other, (p, q) => Math.Exp(p) * (p - q)).Sum();

    static void Near(double expected, double found) =>
        Assert.InRange(Math.Abs(expected - found), 0, Rounding * Math.Max(1, Math.Abs(expected)));
}
