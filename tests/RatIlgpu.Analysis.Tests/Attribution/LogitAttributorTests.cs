using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class LogitAttributorTests : IDisposable
{
    // Both sides are F32 runs of one model that add in a different order.
    const double Rounding = 2e-5;

    static readonly LogitTarget Target = new(5, 11);

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;
    readonly LogitAttributor attributor;

    public LogitAttributorTests()
    {
        model = tiny.On(device);
        attributor = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Each_position_of_a_prompt_can_be_explained_by_the_token_after_it()
    {
        var ids = tiny.Prompt(5);
        var found = attributor.AttributeAll([AnalysisPrompt.OfNextTokens([.. ids])]).Attributions[0];
        Assert.Equal([0, 1, 2, 3], found.Select(one => one.Position));
        foreach (var (at, one) in found.Index())
        {
            Assert.Equal(new LogitTarget(ids[at + 1]), one.Target);
            Assert.Equal(attributor.Attribute(ids, new(ids[at + 1]), at).Terms, one.Terms);
        }
    }

    [Fact]
    public void Padding_is_not_explained_and_explains_nothing()
    {
        var prompt = AnalysisPrompt.OfNextTokens([1, 2, 3, 4, 5, 6], [0, 1, 1, 0, 1, 1]);
        Assert.Equal([1, 4], prompt.Positions.Select(position => position.Value));
        Assert.Equal([new(3), new LogitTarget(6)], prompt.Targets!.Value);
        Assert.Equal(
            "The prompt has no token that another follows, expected two tokens at least.",
            Assert.Throws<ArgumentException>(() => AnalysisPrompt.OfNextTokens([1, 2], [0, 1])).Message);
        Assert.Throws<ArgumentException>(() => AnalysisPrompt.OfNextTokens([]));
        Assert.Equal(
            "The attention mask is for 1 token, but the prompt has 2.",
            Assert.Throws<ArgumentException>(() => AnalysisPrompt.OfNextTokens([1, 2], [1])).Message);
    }

    static AttributionUnit[] Units => Enum.GetValues<AttributionUnit>();

    [Theory]
    [InlineData(AttributionUnit.Sublayer, 1 + 2 * 3 + 1, "embed", "0_attn_out", "rounding")]
    [InlineData(AttributionUnit.CumulativeLayer, 2 * 3 + 1, "0_pre", "0_mid", "final_post")]
    [InlineData(AttributionUnit.Head, 3 * 6 + 2, "L0H0", "L0H1", "rounding")]
    [InlineData(AttributionUnit.HeadBySource, 3 * 6 * 7 + 2, "L0H0 <- 0", "L0H0 <- 1", "rounding")]
    [InlineData(AttributionUnit.Neuron, 3 * 56 + 2, "L0N0", "L0N1", "rounding")]
    public void A_unit_has_its_rows_in_the_order_of_the_model(
        AttributionUnit unit, int count, string first, string second, string last)
    {
        var terms = attributor.Attribute(tiny.Prompt(7), Target, ^1, new() { Unit = unit }).Terms;
        Assert.Equal(count, terms.Length);
        Assert.Equal([first, second, last], new[] { terms[0], terms[1], terms[^1] }.Select(row => $"{row.Term}"));
        Assert.Equal(count, terms.Select(row => row.Term).Distinct().Count());
    }

    [Fact]
    public void Value_biases_stand_behind_the_attention_or_the_heads_they_were_taken_from()
    {
        Assert.Equal(
            ["embed", "0_attn_out", "0_value_bias", "0_mlp_out", "1_attn_out"],
            Labels(AttributionUnit.Sublayer).Take(5));
        AttributionUnit[] others = [AttributionUnit.Head, AttributionUnit.HeadBySource, AttributionUnit.Neuron];
        foreach (var unit in others)
            Assert.Equal(
                ["0_value_bias", "1_value_bias", "2_value_bias", "remainder", "rounding"], Labels(unit).TakeLast(5));

        IEnumerable<string> Labels(AttributionUnit unit) =>
            attributor.Attribute(tiny.Prompt(7), Target, ^1, Separate(unit)).Terms.Select(row => row.Term.Label);
    }

    [Fact]
    public void What_is_measured_is_what_the_model_gives_at_every_position()
    {
        var prompt = tiny.Prompt(7);
        using var logits = model.Forward(prompt);
        var numbers = device.Download(logits);
        foreach (var unit in Units)
        {
            var found = attributor.Attribute(Record(unit), Target, All, new() { Unit = unit });
            Assert.Equal(Enumerable.Range(0, 7), found.Select(one => one.Position));
            foreach (var one in found)
                Assert.Equal(numbers[one.Position * 97 + 5] - numbers[one.Position * 97 + 11], one.Measured, Rounding);
        }
    }

    [Theory]
    [InlineData(ValueBiasTreatment.InHeads)]
    [InlineData(ValueBiasTreatment.Separate)]
    public void The_tokens_that_a_head_reads_sum_to_the_head(ValueBiasTreatment biases)
    {
        var heads = Of(AttributionUnit.Head).Where(row => row.Term is ResidualTerm.Head).ToList();
        var bySource = Of(AttributionUnit.HeadBySource).Where(row => row.Term is ResidualTerm.HeadSource)
            .ToLookup(row => ((ResidualTerm.HeadSource)row.Term).Index, row => row.Value);
        Assert.Equal(3 * 6, heads.Count);
        Assert.All(heads, head =>
            Assert.Equal(head.Value, bySource[((ResidualTerm.Head)head.Term).Index].Sum(), Rounding));
        Assert.True(heads.Max(head => Math.Abs(head.Value)) > 0.1);

        ImmutableArray<Contribution> Of(AttributionUnit unit) => attributor.Attribute(
            tiny.Prompt(7), Target, ^1, new() { Unit = unit, ValueBias = biases }).Terms;
    }

    [Theory]
    [InlineData("qwen3")]
    [InlineData("llama")]
    [InlineData("mistral")]
    public void A_model_without_biases_has_no_rows_for_them(string family)
    {
        using var other = new TinyQwen2(TinyQwen2.Families[family]);
        using var unbiased = other.On(device);
        foreach (var unit in Units.Except([AttributionUnit.CumulativeLayer]))
        {
            var rows = (ValueBiasTreatment bias) => new LogitAttributor(unbiased).Attribute(
                other.Prompt(7), Target, ^1, new() { Unit = unit, ValueBias = bias }).Terms;
            Assert.Equal(rows(ValueBiasTreatment.InHeads), rows(ValueBiasTreatment.Separate));
        }
    }

    [Fact]
    public void A_head_writes_the_value_bias_of_its_own_group()
    {
        var options = new AttributionOptions { Unit = AttributionUnit.Head };
        var with = attributor.Attribute(tiny.Prompt(7), Target, ^1, options);
        var without = attributor.Attribute(tiny.Prompt(7), Target, ^1, Separate(AttributionUnit.Head)).Terms;
        var config = tiny.Config;
        var unembedding = model.Rows(model.Weights.Unembedding, Target.Answer!.Value, Target.Foil!.Value);
        var gain = model.Rows(model.Weights.FinalGain, 0);
        var largest = 0.0;
        for (var head = 0; head < 3 * 6; head++)
        {
            var (weights, of) = (model.Weights.Layers[head / 6], head % 6);
            var output = model.Rows(weights.Output, [.. Enumerable.Range(0, config.HiddenSize)]);
            var bias = model.Rows(weights.ValueBias!, 0);
            var expected = 0.0;
            for (var to = 0; to < config.HiddenSize; to++)
                for (var i = 0; i < config.HeadSize; i++)
                    expected += (double)gain[to] * (unembedding[to] - (double)unembedding[config.HiddenSize + to])
                        * output[to * 6 * config.HeadSize + of * config.HeadSize + i]
                        * bias[of / config.GroupSize * config.HeadSize + i] / with.FinalScale;
            Assert.Equal(expected, with.Terms[head].Value - without[head].Value, Rounding);
            largest = double.Max(largest, Math.Abs(expected));
        }

        Assert.True(largest > 0.001);
    }

    [Fact]
    public void A_run_of_its_own_gives_what_a_recorded_one_gives()
    {
        foreach (var unit in Units)
        {
            var options = new AttributionOptions { Unit = unit };
            var own = attributor.Attribute(tiny.Prompt(7), Target, 3, options);
            Close(own.Terms, attributor.Attribute(Record(unit), Target, ^4, options).Terms);
            Assert.Equal(own.Terms, attributor.Attribute(Record(unit, 3), Target, 3, options).Terms);
        }
    }

    [Fact]
    public void Positions_come_in_the_order_asked() => Assert.Equal(
        [6, 2, 4],
        attributor.Attribute(Record(AttributionUnit.Sublayer), Target, [^1, 2, 4]).Select(one => one.Position));

    [Fact]
    public void An_answer_that_is_its_own_foil_is_refused() => Assert.Contains(
        "both token 5", Assert.Throws<ArgumentException>(() => new LogitTarget(5, 5)).Message);

    [Theory]
    [InlineData(97, null)]
    [InlineData(-1, null)]
    [InlineData(5, 97)]
    [InlineData(5, -1)]
    public void A_token_that_is_not_in_the_vocabulary_is_refused(int answer, int? foil)
    {
        var wrong = new LogitTarget(answer, foil);
        Assert.Contains(
            "is not in the model's vocabulary of 97",
            Assert.Throws<ArgumentOutOfRangeException>(() => attributor.Attribute(tiny.Prompt(7), wrong, ^1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => attributor.Attribute(Record(AttributionUnit.Sublayer), wrong, ^1));
    }

    [Fact]
    public void A_position_that_is_not_there_is_refused()
    {
        var run = Record(AttributionUnit.Sublayer);
        Assert.Contains("position 7 asked, expected 0 to 6", Refused<ArgumentOutOfRangeException>(run, 7));
        Assert.Contains("position ^8 asked", Refused<ArgumentOutOfRangeException>(run, ^8));
        Assert.Contains("position 7", Assert.Throws<ArgumentOutOfRangeException>(
            () => attributor.Attribute(tiny.Prompt(7), Target, 7)).Message);
    }

    [Fact]
    public void A_position_in_padding_is_refused()
    {
        var padded = new RecordingOptions { AttentionMask = [0, 0, 1, 1, 1, 1, 1] };
        var captures = LogitAttributor.Captures(AttributionUnit.Sublayer);
        var run = new Recorder(model).Record(tiny.Prompt(7), captures, padded);
        Assert.Contains("Position 1 is padding", Refused<ArgumentException>(run, 1));
        Assert.Throws<ArgumentException>(() => attributor.Attribute(tiny.Prompt(7), Target, 1, recording: padded));
        Assert.Equal(2, attributor.Attribute(run, Target, 2).Position);
    }

    [Fact]
    public void Padding_adds_nothing()
    {
        var padded = new RecordingOptions { AttentionMask = [0, 0, 1, 1, 1, 1, 1] };
        foreach (var unit in Units)
        {
            var options = new AttributionOptions { Unit = unit };
            var found = attributor.Attribute(tiny.Prompt(7), Target, ^1, options, padded);
            var plain = attributor.Attribute(tiny.Prompt(7).AsSpan(2), Target, ^1, options);
            Assert.Equal(plain.Measured, found.Measured, Rounding);
            foreach (var (term, value) in found.Terms)
                if (term is ResidualTerm.HeadSource { Source: < 2 })
                    Assert.Equal(0, value);
            Close(plain.Terms, [.. found.Terms.Select(Unpadded).OfType<Contribution>()]);
        }

        static Contribution? Unpadded(Contribution row) => row.Term is not ResidualTerm.HeadSource head ? row
            : head.Source < 2 ? null
            : new(head with { Source = head.Source - 2 }, row.Value);
    }

    [Fact]
    public void Positions_that_are_given_twice_or_not_at_all_are_refused()
    {
        var run = Record(AttributionUnit.Sublayer);
        Assert.Contains("given twice", Refused<ArgumentException>(run, 3, 6, ^1));
        Assert.Contains("There is no position", Refused<ArgumentException>(run));
        Assert.Throws<ArgumentException>(() => attributor.Attribute(run, Target, default(ReadOnlySpan<Index>)));
    }

    [Fact]
    public void A_recording_without_the_site_or_the_position_is_refused()
    {
        foreach (var unit in Units)
        {
            foreach (var missing in LogitAttributor.Captures(unit))
            {
                var run = new Recorder(model).Record(
                    tiny.Prompt(7),
                    [.. LogitAttributor.Captures(unit).Where(one => one.Activation != missing.Activation)]);
                var options = new AttributionOptions { Unit = unit };
                Assert.Contains(
                    $"ask for {missing.Activation} when recording",
                    Assert.Throws<NotRecordedException>(() => attributor.Attribute(run, Target, ^1, options)).Message);
            }

            Assert.Contains(
                "was not recorded",
                Assert.Throws<NotRecordedException>(
                    () => attributor.Attribute(Record(unit, 3), Target, 4, new() { Unit = unit })).Message);
        }
    }

    [Fact]
    public void A_recording_with_some_heads_only_is_refused()
    {
        var run = new Recorder(model).Record(
            tiny.Prompt(7),
            [
                .. LogitAttributor.Captures(AttributionUnit.Head)
                    .Select(one => one.Activation == Activation.HeadOutput ? one with { Heads = [0, 1] } : one),
            ]);
        Assert.Contains("Head 2 of HeadOutput of layer 0 was not recorded", Assert.Throws<NotRecordedException>(
            () => attributor.Attribute(run, Target, ^1, new() { Unit = AttributionUnit.Head })).Message);
    }

    [Fact]
    public void A_recording_of_another_model_is_refused()
    {
        using var other = new TinyQwen2(seed: 2);
        using var another = other.On(device);
        var run = new Recorder(another).Record(tiny.Prompt(7), LogitAttributor.Captures(AttributionUnit.Sublayer));
        Assert.Contains("of another model", Refused<ArgumentException>(run, ^1));
        Assert.NotEmpty(new LogitAttributor(another).Attribute(run, Target, ^1).Terms);
    }

    [Fact]
    public void What_does_not_go_together_and_what_is_no_unit_is_refused()
    {
        Assert.Contains("no row for value biases", Assert.Throws<ArgumentException>(
            () => attributor.Attribute(tiny.Prompt(7), Target, ^1, Separate(AttributionUnit.CumulativeLayer))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => LogitAttributor.Captures((AttributionUnit)9));
    }

    [Fact]
    public void A_run_can_be_cancelled() => Assert.Throws<OperationCanceledException>(
        () => attributor.Attribute(tiny.Prompt(7), Target, ^1, cancellation: new(canceled: true)));

    [Fact]
    public void What_an_intervention_writes_to_the_stream_itself_is_no_part_but_what_it_makes_of_a_part_is()
    {
        var vector = Enumerable.Range(0, 40).Select(i => (float)i / 10).ToArray();
        Assert.InRange(Math.Abs(RoundingWith(Activation.ResidualMiddle)), 0.1, 1000);
        Assert.InRange(Math.Abs(RoundingWith(Activation.AttentionOutput)), 0, Rounding);

        double RoundingWith(Activation activation)
        {
            var target = InterventionTarget.At(model, activation, 1);
            var recording = new RecordingOptions { Interventions = [Intervention.Add(target, vector)] };
            return attributor.Attribute(tiny.Prompt(7), Target, ^1, recording: recording).Terms[^1].Value;
        }
    }

    static AttributionOptions Separate(AttributionUnit unit) =>
        new() { Unit = unit, ValueBias = ValueBiasTreatment.Separate };

    static Index[] All => [.. Enumerable.Range(0, 7)];

    Recording Record(AttributionUnit unit, params ImmutableArray<Index> positions) => new Recorder(model).Record(
        tiny.Prompt(7), LogitAttributor.Captures(unit, positions.IsEmpty ? null : positions));

    string Refused<T>(Recording run, params Index[] positions)
        where T : Exception =>
        Assert.Throws<T>(() => attributor.Attribute(run, Target, positions)).Message;

    static void Close(ImmutableArray<Contribution> expected, ImmutableArray<Contribution> found)
    {
        Assert.Equal(expected.Select(row => row.Term), found.Select(row => row.Term));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Value, pair.Second.Value, Rounding));
    }
}
