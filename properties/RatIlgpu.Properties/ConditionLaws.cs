using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>What the runs of conditions leave out changes nothing.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class ConditionLaws
{
    // Two orders of summation in up to three layers, as a share of the larger of the number and 1.
    const double Rounding = 1e-4;

    const int Many = 100;

    const int Few = 40;

    [Law(Many)]
    public void Conditions_change_what_whole_runs_with_their_interventions_change(ModelCase some) =>
        some.Holds((_, model, ids) =>
        {
            var random = new Random(some.Seed);
            ImmutableArray<ImmutableArray<Intervention>> conditions =
                [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Condition(model, ids.Length, random))];
            var first = FirstOf(conditions);
            var reader = new AblationReader(
                model, first, conditions.Length, PredictedTokens.Without(model.Config.VocabularySize, []));
            ConditionRuns.Run(model, [.. ids], conditions, reader, Known(model, ids, conditions, random));
            var before = Record(model, ids, []);
            foreach (var (place, changes) in conditions.Index())
                Same(reader.EffectOf(place), before, Record(model, ids, changes), first, changes);
        });

    [Law(Few)]
    public void Prompts_that_run_together_are_read_as_alone(ModelCase some)
    {
        using var tiny = some.Make();
        foreach (var device in BatchLaws.Devices())
            using (device)
            using (var model = tiny.On(device))
            {
                var random = new Random(some.Seed);
                var prompts = Enumerable.Range(0, random.Next(2, 6)).Select(_ => Conditioned(
                    model, tiny.Prompt(random.Next(1, some.Length + 1), random.Next()), random)).ToList();
                var ended = new List<int>();
                AblationReader[] together = [.. prompts.Select(prompt => Reader(model, prompt))];
                ConditionRuns.RunAll(
                    model, [.. prompts.Select(prompt => prompt.Ids.Length)],
                    place => prompts[place] with { Reader = together[place] }, ended.Add);
                Assert.Equal(Enumerable.Range(0, prompts.Count), ended);
                foreach (var (prompt, reader) in prompts.Zip(together))
                {
                    var alone = Reader(model, prompt);
                    ConditionRuns.Run(model, prompt.Ids, prompt.Conditions, alone, prompt.Known);
                    Assert.Equal(alone.Predictions, reader.Predictions);
                    for (var place = 0; place < prompt.Conditions.Count; place++)
                        Assert.Equal(alone.EffectOf(place), reader.EffectOf(place));
                }
            }
    }

    static ConditionedPrompt Conditioned(Qwen2Model model, int[] ids, Random random)
    {
        ImmutableArray<ImmutableArray<Intervention>> conditions =
            [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Condition(model, ids.Length, random))];
        return new([.. ids], conditions, null!) { Known = Known(model, ids, conditions, random) };
    }

    static AblationReader Reader(Qwen2Model model, ConditionedPrompt prompt) => new(
        model, FirstOf(prompt.Conditions), prompt.Conditions.Count,
        PredictedTokens.Without(model.Config.VocabularySize, []));

    static int FirstOf(IReadOnlyList<ImmutableArray<Intervention>> conditions) => conditions.SelectMany(all => all)
        .Select(change => change.Target.Positions is { } positions ? positions[0] : 0)
        .DefaultIfEmpty(0).Min();

    static void Same(
        SampleEffect found, Recording before, Recording after, int first, ImmutableArray<Intervention> changes)
    {
        var layers = changes.IsEmpty ? 0 : before.Sites.Count(site => site.Activation == Activation.AttentionOutput)
            - changes.Min(change => change.Target.Site.Layer);
        Assert.Equal(layers, found.Layers.Length);
        for (var position = first; position < before.TokenIds.Length; position++)
        {
            for (var layer = 0; layer < layers; layer++)
            {
                var site = new Site(
                    Activation.AttentionOutput, changes.Min(change => change.Target.Site.Layer) + layer);
                var expected = OutputChange.Of(before[site].Row(position), after[site].Row(position));
                Near(expected.Projection, found.Layers[layer][position - first].Projection);
                Near(expected.Cosine, found.Layers[layer][position - first].Cosine);
            }

            var (one, other) = (Logs(before, position), Logs(after, position));
            Near(one.Zip(other, (p, q) => Math.Exp(p) * (p - q)).Sum(), found.Divergences[position - first]);
            Assert.InRange(
                other.Max() - other[found.Predictions[position - first]], 0, Rounding);
        }
    }

    static KnownStream? Known(
        Qwen2Model model, int[] ids, ImmutableArray<ImmutableArray<Intervention>> conditions, Random random)
    {
        var layers = conditions.SelectMany(all => all).Select(change => change.Target.Site.Layer).ToList();
        if (layers.Count == 0 || random.Next(2) == 0)
            return null;
        var layer = random.Next(layers.Min() + 1);
        var stream = new Recorder(model).Record(ids.AsSpan(), [new(Activation.ResidualBefore) { Layers = [layer] }]);
        return new(layer, [.. stream[new(Activation.ResidualBefore, layer)].Values]);
    }

    static ImmutableArray<Intervention> Condition(Qwen2Model model, int length, Random random) =>
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => Change(model, length, random))];

    static Intervention Change(Qwen2Model model, int length, Random random)
    {
        var (config, layer) = (model.Config, random.Next(model.Config.LayerCount));
        ImmutableArray<int>? positions = random.Next(4) == 0
            ? null
            : [.. Enumerable.Range(0, length).OrderBy(_ => random.Next()).Take(random.Next(1, 3))];
        ImmutableArray<int> head = [random.Next(config.HeadCount)];
        return random.Next(5) switch
        {
            0 => Intervention.Zero(InterventionTarget.At(model, Activation.HeadOutput, layer, head, positions)),
            1 => Intervention.Zero(InterventionTarget.At(
                model, Activation.Value, layer, head, positions, KeyValueScope.QueryHead)),
            2 => Intervention.Zero(InterventionTarget.At(model, Activation.Value, layer, null, positions)),
            3 => Intervention.Scale(InterventionTarget.At(model, Activation.Query, layer, head, positions), 0.5f),
            _ => Intervention.Edit(
                InterventionTarget.At(model, Activation.Pattern, layer, head, positions), (_, _, row) =>
                {
                    row.Clear();
                    row[0] = 1;
                }),
        };
    }

    static Recording Record(Qwen2Model model, int[] ids, ImmutableArray<Intervention> changes) =>
        new Recorder(model).Record(
            ids.AsSpan(), [new(Activation.AttentionOutput), new(Activation.Logits)],
            new() { Interventions = changes });

    static double[] Logs(Recording run, int position)
    {
        var row = run[Site.Logits].Row(position).ToArray();
        var sum = Math.Log(row.Sum(logit => Math.Exp(logit)));
        return [.. row.Select(logit => logit - sum)];
    }

    static void Near(double? expected, double? found)
    {
        Assert.Equal(expected is null, found is null);
        if (expected is { } one)
            Assert.InRange(Math.Abs(one - found!.Value), 0, Rounding * Math.Max(1, Math.Abs(one)));
    }
}
