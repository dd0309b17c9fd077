using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class ScoreVerifierTests
{
    // Both sides are sums over F32 runs of one model that add in a different order.
    const double Rounding = 2e-5;

    static readonly HeadIndex Head = new(2, 4);

    public static TheoryData<string, bool> Families
    {
        get
        {
            var found = new TheoryData<string, bool>();
            foreach (var family in TinyQwen2.Families.Keys)
            {
                found.Add(family, false);
                found.Add(family, true);
            }

            return found;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_is_measured_is_what_was_attributed_and_what_the_definition_gives(string family, bool split)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        var (model, prompt) = (bench.Model, bench.Prompt(7));
        var run = bench.Record(prompt);
        var plain = new PlainScores(model, run, Head);
        var found = new AttentionScoreAttributor(model).Explain(prompt, Head, 5, 3, new() { SplitHeads = split });
        var verified = new ScoreVerifier(model).Verify(found, new(11, 12), 4);
        var measured = verified.Verification!;
        Assert.Equal(8, measured.Parts.Length);
        Assert.Equal(found, verified with { Verification = null });
        var metric = new LogitMetric.Logit(new(11, 12), 5);
        Assert.Equal(metric.Measure(model, prompt), measured.Unchanged.Metric, 10 * Rounding);
        Assert.Equal(found.Score, measured.Unchanged.Score, Rounding);
        Assert.Equal(found.Attention, measured.Unchanged.Attention, Rounding);
        foreach (var part in measured.Parts)
        {
            var isKey = part.Input == HeadInput.Key;
            var (query, key) = (Whole(Activation.RotatedQuery, 5), Whole(Activation.HeadKey, 3));
            var taken = isKey ? plain.Key(part.Part, 3) : plain.Query(part.Part, 5);
            var left = plain.Without(part.Part, isKey ? 3 : 5, isKey);
            Assert.Equal(Product(taken, isKey ? query : key), part.Attributed, Rounding);
            Assert.Equal(found.Score - part.Attributed, part.Held.Score, 2 * Rounding);
            Assert.Equal(Product(left, isKey ? query : key), part.Recomputed.Score, 2 * Rounding);
            if (isKey)
                Assert.Equal(
                    found.AttentionWithout[found.KeyParts.Items.IndexOf(part.Part)], part.Held.Attention, Rounding);
            Assert.Equal(Metric(isKey, [.. taken.Select(number => -number)]), part.Held.Metric, 10 * Rounding);
            double[] change = [.. left.Zip(isKey ? key : query, (one, all) => one - all)];
            Assert.Equal(Metric(isKey, change), part.Recomputed.Metric, 10 * Rounding);
        }

        double[] Whole(Activation activation, int position) =>
            [.. run[new(activation, 2)].Row(position, 4).ToArray().Select(number => (double)number)];

        double Product(double[] one, double[] other) =>
            one.Zip(other, (x, y) => x * y).Sum() / Math.Sqrt(one.Length);

        double Metric(bool isKey, double[] change) => metric.Measure(model, prompt,
        [
            Intervention.Add(
                bench.At(
                    isKey ? Activation.RotatedKey : Activation.RotatedQuery, 2, [4], [isKey ? 3 : 5],
                    KeyValueScope.QueryHead),
                [.. change.Select(number => (float)number)]),
        ]);
    }

    [Theory]
    [InlineData(ScoreReading.Here)]
    [InlineData(ScoreReading.Others)]
    [InlineData(ScoreReading.Foil)]
    [InlineData(ScoreReading.Gradient)]
    public void Tokens_that_were_read_for_other_keys_alone_are_not_taken_out_of_this_one(ScoreReading reading)
    {
        using var bench = new InterventionBench();
        var (model, prompt) = (bench.Model, bench.Prompt(7));
        var found = new AttentionScoreAttributor(model).Explain(prompt, Head, 6, 1, new()
        {
            Reading = reading,
            SplitHeads = true,
            FoilKey = reading == ScoreReading.Foil ? 4 : null,
        });
        var verified = new ScoreVerifier(model).Verify(found, new(11), 200).Verification!;
        foreach (var part in verified.Parts)
            Assert.Equal(found.Score - part.Attributed, part.Held.Score, 2 * Rounding);
        Assert.Equal(
            [0, 1],
            verified.Parts.Where(part => part.Input == HeadInput.Key).Select(part => part.Part)
                .OfType<ResidualTerm.HeadSource>().Select(part => part.Source).Distinct().Order());
    }

    [Fact]
    public void Values_that_were_changed_for_one_head_are_measured_as_they_were_explained()
    {
        using var bench = new InterventionBench();
        var (model, prompt) = (bench.Model, bench.Prompt(6));
        ValueArray<Intervention> changes =
        [
            Intervention.Scale(bench.At(Activation.Value, 0, [1], scope: KeyValueScope.QueryHead), 3),
        ];
        var found = new AttentionScoreAttributor(model).Explain(
            prompt, Head, ^1, 2, new() { SplitHeads = true }, new() { Interventions = changes });
        var verified = new ScoreVerifier(model).Verify(found, new(11), 200, changes).Verification!;
        foreach (var part in verified.Parts.Where(part => part.Input == HeadInput.Key))
        {
            var place = found.KeyParts.Items.IndexOf(part.Part);
            Assert.Equal(found.ByKeyPart[place], part.Attributed, Rounding);
            Assert.Equal(found.AttentionWithout[place], part.Held.Attention, Rounding);
        }
    }

    [Fact]
    public void Without_a_target_the_likeliest_token_is_measured_in_the_run_that_was_explained()
    {
        using var bench = new InterventionBench();
        var prompt = bench.Prompt(6);
        Intervention[] changes =
        [
            Intervention.Zero(bench.At(Activation.HeadOutput, 0, [1])),
            Intervention.Zero(bench.At(Activation.HeadOutput, 2, [0])),
        ];
        int[] mask = [0, 1, 1, 1, 1, 1];
        var found = new AttentionScoreAttributor(bench.Model).Explain(
            prompt, Head, ^1, 2, null, new() { Interventions = [changes[0]], AttentionMask = [.. mask] });
        var measured = new ScoreVerifier(bench.Model).Verify(found, null, 1, [.. changes]).Verification!;
        var run = new Recorder(bench.Model).Record(
            prompt, [new(Activation.Logits) { Positions = [^1] }],
            new() { Interventions = [.. changes], AttentionMask = [.. mask] });
        var logits = run[Site.Logits].Values.ToArray();
        Assert.Equal(logits.IndexOf(logits.Max()), measured.Target.Answer);
        Assert.Equal(logits.Max(), measured.Unchanged.Metric, Rounding);
        Assert.Equal(found.Score, measured.Unchanged.Score, Rounding);
        Assert.Equal([HeadInput.Key, HeadInput.Query], measured.Parts.Select(part => part.Input));
    }

    [Fact]
    public void What_cannot_be_measured_is_refused()
    {
        using var bench = new InterventionBench();
        var found = new AttentionScoreAttributor(bench.Model).Explain(bench.Prompt(4), Head, ^1, 1);
        var verifier = new ScoreVerifier(bench.Model);
        Assert.Throws<ArgumentOutOfRangeException>(() => verifier.Verify(found, null, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => verifier.Verify(found, new(97)));
        Assert.Empty(verifier.Verify(found, new(1), 0).Verification!.Parts);
    }
}
