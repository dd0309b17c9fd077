using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>What holds of the attention of heads, whatever model, prompt and padding.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class AttentionLaws
{
    // Attention of two orders of summation, and the bound that docs/numerics.md has for it.
    const double Rounding = 2e-5;

    // Every case writes a model to a file.
    const int Many = 60;

    [Law(Many)]
    public void Rows_are_distributions_and_sum_to_1_at_most_when_they_are_weighted(ModelCase some) =>
        Holds(some, (_, prompt, heads) =>
        {
            foreach (var head in heads)
                for (var query = 0; query < some.Length; query++)
                {
                    double[] row = [.. head.Row(query).ToArray().Select(share => (double)share)];
                    Assert.All(row, share => Assert.InRange(share, 0, 1 + Rounding));
                    Assert.All(row.Skip(query + 1), share => Assert.Equal(0, share));
                    Assert.Equal(IsPadding(prompt, query) ? 0 : 1, row.Sum(), Rounding);
                    foreach (var factors in (float[][])[head.Value, head.Info])
                        Assert.InRange(row.Zip(factors, (share, factor) => share * factor).Sum(), 0, 1 + Rounding);
                }
        });

    [Law(Many)]
    public void Factors_are_in_0_to_1_and_the_largest_is_1(ModelCase some) => Holds(some, (_, prompt, heads) =>
    {
        foreach (var factors in heads.SelectMany(head => (float[][])[head.Value, head.Info]))
        {
            Assert.All(factors, factor => Assert.InRange(factor, 0, 1));
            var real = Enumerable.Range(0, some.Length).Where(key => !IsPadding(prompt, key)).ToList();
            Assert.Equal(real.Count > 0 ? 1 : 0, factors.Max());
            Assert.All(Enumerable.Range(0, some.Length).Except(real), key => Assert.Equal(0, factors[key]));
        }
    });

    [Law(Many)]
    public void Heads_of_a_group_share_keys_and_value_factors(ModelCase some) => Holds(some, (_, _, heads) =>
    {
        foreach (var group in heads.GroupBy(head => (head.Head.Layer, head.Head.Head / some.Group)))
            foreach (var head in group)
            {
                Assert.Equal(group.First().Value, head.Value);
                Assert.Equal(group.First().Keys, head.Keys);
            }
    });

    [Law(Many)]
    public void Numbers_are_those_of_the_definition(ModelCase some) => Holds(some, (model, prompt, heads) =>
    {
        var run = Record(model, prompt, Activation.RotatedQuery, Activation.RotatedKey, Activation.Value);
        foreach (var head in heads)
        {
            var plain = new PlainHead(model, run, head.Head);
            for (var query = 0; query < some.Length; query++)
                Near(plain.Pattern(query), head.Row(query).ToArray());
            if (Enumerable.Range(0, some.Length).All(key => IsPadding(prompt, key)))
                continue;
            Near(plain.ValueFactors(), head.Value);
            Near(plain.InfoFactors(), head.Info);
        }
    });

    // A run that stores patterns adds up in another order than one that does not.
    [Law(Many)]
    public void A_recording_has_the_heads_of_a_run_and_is_not_changed(ModelCase some) => Holds(
        some, (model, prompt, heads) =>
        {
            Activation[] computed = [Activation.RotatedQuery, Activation.RotatedKey, Activation.Value];
            ReadHead.Same(heads, Read(computed));
            foreach (var (expected, found) in heads.Zip(Read([.. computed, Activation.Pattern])))
                foreach (var (left, right) in All(expected).Zip(All(found)))
                    Near([.. left.Select(number => (double)number)], right);

            List<ReadHead> Read(Activation[] activations)
            {
                var (run, same) = (Record(model, prompt, activations), Record(model, prompt, activations));
                var found = ReadHead.All(model, AnalysisPrompt.Of(run));
                RecordingEquality.Same(same, run);
                return found;
            }

            static float[][] All(ReadHead head) => [head.Pattern, head.Value, head.Info, head.Queries, head.Keys];
        });

    [Law(Many)]
    public void Rows_of_rollout_sum_to_1(ModelCase some) => some.Holds((_, model, ids) =>
    {
        using var rollout = new AttentionRollout(model.Device, ids.Length);
        new AttentionReader(model).Read(PromptOf(some, ids), new(), rollout.Add);
        var rows = rollout.ToRows();
        for (var query = 0; query < ids.Length; query++)
        {
            Assert.Equal(1, rows.AsSpan(query * ids.Length, ids.Length).ToArray().Sum(), Rounding);
            Assert.All(rows[(query * ids.Length)..((query + 1) * ids.Length)].Skip(query + 1),
                share => Assert.Equal(0, share));
        }
    });

    static void Holds(ModelCase some, Action<Qwen2Model, AnalysisPrompt, List<ReadHead>> statement) =>
        some.Holds((_, model, ids) =>
        {
            var prompt = PromptOf(some, ids);
            statement(model, prompt, ReadHead.All(model, prompt));
        });

    // Of every third seed a prompt without padding.
    static AnalysisPrompt PromptOf(ModelCase some, int[] ids)
    {
        var random = new Random(some.Seed);
        return new([.. ids])
        {
            AttentionMask = some.Seed % 3 == 0 ? null : [.. ids.Select(_ => random.Next(4) == 0 ? 0 : 1)],
        };
    }

    static Recording Record(Qwen2Model model, AnalysisPrompt prompt, params ReadOnlySpan<Activation> activations) =>
        new Recorder(model).Record(
            prompt.TokenIds, [.. activations.ToArray().Select(one => new Capture(one))],
            new() { AttentionMask = prompt.AttentionMask });

    static bool IsPadding(AnalysisPrompt prompt, int position) =>
        prompt.AttentionMask is { } mask && mask[position] == 0;

    static void Near(IReadOnlyList<double> expected, IReadOnlyList<float> found) =>
        Assert.All(expected.Zip(found), pair =>
            Assert.Equal(pair.First, pair.Second, Rounding * (1 + Math.Abs(pair.First))));
}
