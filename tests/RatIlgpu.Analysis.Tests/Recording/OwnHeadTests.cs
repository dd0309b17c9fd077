using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class OwnHeadTests : IDisposable
{
    static readonly HeadIndex Changed = new(1, 2);

    readonly InterventionBench bench = new();
    readonly int[] prompt;

    public OwnHeadTests() => prompt = bench.Prompt(8);

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Attention_refuses_a_changed_head_whose_change_was_not_recorded()
    {
        ImmutableArray<Capture> shared =
            [new(Activation.RotatedQuery), new(Activation.RotatedKey), new(Activation.Value), new(Activation.Logits)];
        foreach (var activation in (Activation[])[Activation.HeadKey, Activation.HeadValue, Activation.Pattern])
        {
            var run = Record(shared, Half(activation));
            var weighted = new AttentionOptions { ValueFactors = true, Heads = [Changed] };
            Assert.False(new AttentionReader(bench.Model).CanRead(run, weighted));
            Assert.True(new AttentionReader(bench.Model).CanRead(
                run, weighted with { Heads = [new(1, 1), new(0, 2)] }));
            Refused(
                $"L1H2: the run was changed at its {activation} (scale {activation} of layer 1, heads 2), but "
                + $"{activation} was not recorded at every position: record {activation} of layer 1.",
                () => ReadHead.All(bench.Model, AnalysisPrompt.Of(run), weighted));
        }
    }

    [Fact]
    public void Factors_of_a_head_whose_output_is_0_are_0()
    {
        ImmutableArray<Capture> captures =
            [.. new AttentionReader(bench.Model).Captures(ReadHead.Everything), new(Activation.Logits)];
        var silent = Intervention.Zero(bench.At(Activation.HeadOutput, 1, [2]));
        var found = ReadHead.All(bench.Model, AnalysisPrompt.Of(Record(captures, silent)), ReadHead.Everything);
        var plain = ReadHead.All(
            bench.Model, AnalysisPrompt.Of(Record(captures, Intervention.Scale(silent.Target, 1))), new());
        Assert.Equal(plain[8].Pattern, found[8].Pattern);
        Assert.All(found[8].Value, factor => Assert.Equal(0, factor));
        Assert.All(found[8].Info, factor => Assert.Equal(0, factor));
        Assert.Equal(1, found[7].Value.Max());
        Assert.Equal(1, found[9].Value.Max());
        Assert.StartsWith(
            "L1H2: the run was changed at its output (scale HeadOutput of layer 1, heads 2), expected",
            Assert.Throws<ArgumentException>(() => ReadHead.All(
                bench.Model, AnalysisPrompt.Of(Record(captures, Half(Activation.HeadOutput))), ReadHead.Everything))
                .Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Attribution_by_source_reads_no_values_that_a_head_did_not_read()
    {
        var (found, silent) = (Attribute(Activation.HeadOutput, 0), Attribute(Activation.HeadValue, 0));
        Assert.Equal(silent.Terms.Select(row => row.Term), found.Terms.Select(row => row.Term));
        Assert.All(silent.Terms.Zip(found.Terms), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 1e-5));
        Assert.StartsWith(
            "L1H2: the run was changed at its output",
            Assert.Throws<ArgumentException>(() => Attribute(Activation.HeadOutput, 0.5f)).Message,
            StringComparison.Ordinal);

        // Zero has a description of its own.
        LogitAttribution Attribute(Activation activation, float factor)
        {
            var target = bench.At(activation, 1, [2]);
            var change = factor == 0 ? Intervention.Zero(target) : Intervention.Scale(target, factor);
            return new LogitAttributor(bench.Model).Attribute(
                prompt, new(11, 12), ^1, new() { Unit = AttributionUnit.HeadBySource },
                new() { Interventions = [change] });
        }
    }

    [Fact]
    public void Values_that_were_set_to_0_need_no_record()
    {
        var captures = LogitAttributor.Captures(AttributionUnit.HeadBySource);
        var silent = Intervention.Zero(bench.At(Activation.HeadValue, 1, [2]));
        LogitAttribution Of(ImmutableArray<Capture> kept) => new LogitAttributor(bench.Model).Attribute(
            Record(kept, silent), new(11, 12), ^1, new() { Unit = AttributionUnit.HeadBySource });

        var (found, recorded) = (Of(captures), Of(captures.Add(new(Activation.HeadValue) { Layers = [1] })));
        Assert.Equal(recorded.Terms.Select(row => row.Value), found.Terms.Select(row => row.Value));
    }

    [Fact]
    public void Attribution_by_source_refuses_a_change_that_was_not_recorded() => Refused(
        "L1H2: the run was changed at its HeadValue (scale HeadValue of layer 1, heads 2), but HeadValue was not "
        + "recorded at every position: record HeadValue of layer 1.",
        () => new LogitAttributor(bench.Model).Attribute(
            Record(LogitAttributor.Captures(AttributionUnit.HeadBySource), Half(Activation.HeadValue)), new(11, 12),
            ^1, new() { Unit = AttributionUnit.HeadBySource }));

    [Theory]
    [InlineData(Activation.HeadKey)]
    [InlineData(Activation.HeadValue)]
    public void An_explanation_refuses_a_change_that_was_not_recorded(Activation activation)
    {
        var head = activation == Activation.HeadKey ? Changed : new HeadIndex(2, 0);
        var options = new ScoreAttributionOptions { SplitHeads = true };
        ImmutableArray<Capture> captures =
            [.. AttentionScoreAttributor.Captures(head, 6, [3], prompt.Length, options), new(Activation.Logits)];
        Refused(
            $"L1H2: the run was changed at its {activation} (scale {activation} of layer 1, heads 2), but {activation} "
            + $"was not recorded at every position: record {activation} of layer 1.",
            () => new AttentionScoreAttributor(bench.Model).Explain(
                Record(captures, Half(activation)), head, 6, 3, options));
        // The heads of which it was recorded are those that were changed.
        var own = Record(captures.Add(new(activation) { Layers = [1], Heads = [2] }), Half(activation));
        var found = new AttentionScoreAttributor(bench.Model).Explain(own, head, 6, 3, options);
        var live = new AttentionScoreAttributor(bench.Model).Explain(
            prompt, head, 6, 3, options, new() { Interventions = [Half(activation)] });
        Assert.Equal(live.Score, found.Score, 1e-5);
        Assert.All(live.ByKeyPart.Zip(found.ByKeyPart), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void A_change_of_one_head_is_not_taken_from_what_its_group_shares()
    {
        var run = bench.Record(prompt, Half(Activation.HeadValue));
        InterventionTarget Own(int head) => bench.At(Activation.Value, 1, [head], scope: KeyValueScope.QueryHead);
        Assert.NotNull(Intervention.Replace(Own(1), run));
        Assert.NotNull(Intervention.Replace(bench.At(Activation.HeadValue, 1, [2]), run));
        const string Message =
            "Value of layer 1 was recorded of a run that was changed at the HeadValue of head 2 (scale HeadValue of "
            + "layer 1, heads 2), expected one in which the head read what its group shares; record HeadValue, and "
            + "take HeadValue itself as what is replaced.";
        Assert.Equal(
            Message, Assert.Throws<ArgumentException>(() => Intervention.Replace(Own(2), run)).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => Intervention.Mean(Own(2), run)).Message);
    }

    Intervention Half(Activation activation) => Intervention.Scale(bench.At(activation, 1, [2]), 0.5f);

    Recording Record(ImmutableArray<Capture> captures, Intervention change) =>
        new Recorder(bench.Model).Record(prompt, captures, new() { Interventions = [change] });

    static void Refused(string message, Action read) =>
        Assert.Equal(message, Assert.Throws<NotRecordedException>(read).Message);
}
