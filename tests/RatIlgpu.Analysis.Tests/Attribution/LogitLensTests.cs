using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class LogitLensTests : IDisposable
{
    // Both sides norm the same stream, in batches of different size.
    const double Rounding = 2e-5;

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;
    readonly LogitLens lens;

    public LogitLensTests()
    {
        model = tiny.On(device);
        lens = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void The_states_of_a_position_come_in_the_order_of_the_run()
    {
        var states = lens.Read(Record(), [^1, 2]);
        string[] labels = ["0_pre", "0_mid", "1_pre", "1_mid", "2_pre", "2_mid", "final_post"];
        Assert.Equal([.. labels, .. labels], states.Select(state => state.State.Label));
        Assert.Equal([6, 2], states.Select(state => state.Position).Distinct());
        Assert.All(states, state => Assert.Equal(10, state.Top.Length));
        Assert.All(states, state => Assert.Empty(state.Tokens));
    }

    [Fact]
    public void The_last_state_predicts_what_the_model_predicts()
    {
        using var logits = model.Forward(tiny.Prompt(7));
        var numbers = device.Download(logits);
        for (var position = 0; position < 7; position++)
        {
            var row = numbers[(position * 97)..((position + 1) * 97)];
            var last = lens.Read(Record(), position, new() { Top = 1000 })[^1];
            Assert.Equal(97, last.Top.Length);
            Assert.Equal(Enumerable.Range(1, 97), last.Top.Select(token => token.Rank));
            Assert.Equal(1, last.Top.Sum(token => token.Probability), 1e-9);
            Assert.Equal(row.OrderDescending(), last.Top.Select(token => (float)token.Logit), (a, b) => Near(a, b));
            var sum = row.Sum(logit => Math.Exp(logit));
            Assert.All(last.Top, token =>
            {
                Assert.Equal(row[token.Id], token.Logit, Rounding);
                Assert.Equal(Math.Exp(row[token.Id]) / sum, token.Probability, Rounding);
            });
        }
    }

    [Fact]
    public void A_token_followed_through_the_states_is_the_one_in_the_full_list()
    {
        foreach (var state in lens.Read(tiny.Prompt(7), ^1, new() { Top = 97, Tokens = [11, 0, 96, 11] }))
            Assert.Equal(
                ((int[])[11, 0, 96, 11]).Select(id => state.Top.Single(token => token.Id == id)), state.Tokens);
    }

    [Fact]
    public void Equal_logits_rank_by_id()
    {
        var reader = new LensReader([1, 3, 3, 1, 3, 0]);
        Assert.Equal([1, 2, 4, 0], reader.Top(4).Select(token => token.Id));
        Assert.Equal([2, 1, 3, 6], reader.Of([2, 1, 4, 5]).Select(token => token.Rank));
        Assert.Equal(reader.Of([1, 2, 4, 0, 3, 5]), reader.Top(9));
    }

    [Fact]
    public void Entropy_and_divergence_are_those_of_their_definitions()
    {
        // One of four tokens has half of the probability, another a fourth.
        var sloped = new LensReader([MathF.Log(4), MathF.Log(2), 0, 0]);
        var even = new LensReader([5, 5, 5, 5]);
        Assert.Equal(1.75 * Math.Log(2), sloped.Entropy, 1e-7);
        Assert.Equal(Math.Log(4), even.Entropy, 1e-15);
        // Σ f log(f / p): f even, p sloped, is (−1 + 0 + 1 + 1) / 4 of log 2; the other way, 1/2 − 2 · 1/8.
        Assert.Equal(0.25 * Math.Log(2), sloped.DivergenceFrom(even.Keep()), 1e-7);
        Assert.Equal(0.25 * Math.Log(2), even.DivergenceFrom(sloped.Keep()), 1e-7);
        Assert.Equal(0, sloped.DivergenceFrom(sloped.Keep()));
    }

    [Fact]
    public void A_divergence_has_the_final_prediction_first()
    {
        // f has 9/10 and 1/10, p has half and half.
        var final = new LensReader([MathF.Log(9), 0]);
        var state = new LensReader([3, 3]);
        Assert.Equal((0.9 * Math.Log(1.8)) + (0.1 * Math.Log(0.2)), state.DivergenceFrom(final.Keep()), 1e-7);
        Assert.Equal((0.5 * Math.Log(5 / 9.0)) + (0.5 * Math.Log(5)), final.DivergenceFrom(state.Keep()), 1e-7);
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(-1000, 0)]
    [InlineData(0, 1e30)]
    public void A_sure_prediction_has_no_entropy(float one, float other)
    {
        var sure = new LensReader([one, other]);
        Assert.Equal(0, sure.Entropy);
        Assert.Equal(0, sure.DivergenceFrom(sure.Keep()));
    }

    [Fact]
    public void States_read_few_at_a_time_are_what_they_are_together()
    {
        var options = new LensOptions { Top = 5, Tokens = [3] };
        Index[] positions = [0, 3, ^1];
        var together = lens.Read(Record(), positions, options);
        foreach (var most in (int[])[1, 97 * 4])
        {
            var apart = new LogitLens(model) { MostNumbers = most }.Read(Record(), positions, options);
            Assert.Equal(together.Select(Name), apart.Select(Name));
            Assert.All(together.Zip(apart), pair =>
            {
                Assert.Equal(pair.First.Tokens[0].Logit, pair.Second.Tokens[0].Logit, Rounding);
                Assert.Equal(pair.First.Entropy, pair.Second.Entropy, Rounding);
                Assert.Equal(pair.First.KlDivergence, pair.Second.KlDivergence, Rounding);
            });
        }

        static (ResidualTerm, int, string) Name(LensState state) =>
            (state.State, state.Position, string.Join(' ', state.Top.Select(token => token.Id)));
    }

    [Fact]
    public void A_state_is_normed_by_itself_and_not_by_the_scale_of_the_last()
    {
        var target = new LogitTarget(5);
        var frozen = new LogitAttributor(model).Attribute(
            tiny.Prompt(7), target, ^1, new() { Unit = AttributionUnit.CumulativeLayer });
        var states = lens.Read(tiny.Prompt(7), ^1, new() { Tokens = [5] });
        Assert.Equal(frozen.Terms.Select(row => row.Term), states.Select(state => state.State));
        Assert.Equal(frozen.Terms[^1].Value, states[^1].Tokens[0].Logit, Rounding);
        Assert.True(Math.Abs(frozen.Terms[0].Value - states[0].Tokens[0].Logit) > 0.05);
    }

    [Fact]
    public void An_intervention_is_seen_from_where_it_is_made()
    {
        var zero = Intervention.Zero(InterventionTarget.At(model, Activation.MlpOutput, 1));
        var options = new LensOptions { Tokens = [5] };
        var plain = lens.Read(tiny.Prompt(7), ^1, options);
        var changed = lens.Read(tiny.Prompt(7), ^1, options, new() { Interventions = [zero] });
        for (var state = 0; state < 7; state++)
        {
            var difference = Math.Abs(plain[state].Tokens[0].Logit - changed[state].Tokens[0].Logit);
            Assert.True(state < 4 ? difference < Rounding : difference > 0.01, $"{plain[state].State}: {difference}");
        }
    }

    public static TheoryData<string, Action<LogitLensTests>> WrongUses => new()
    {
        { "Top is -1", on => on.lens.Read(on.tiny.Prompt(7), ^1, new() { Top = -1 }) },
        { "Token 97", on => on.lens.Read(on.Record(), ^1, new() { Tokens = [97] }) },
        { "position 7", on => on.lens.Read(on.Record(), 7) },
        { "given twice", on => on.lens.Read(on.Record(), [^1, 6]) },
        { "There is no position", on => on.lens.Read(on.Record(), []) },
        { "Position 1 of", on => on.lens.Read(on.Record(3), 1) },
        {
            "is padding",
            on => on.lens.Read(on.tiny.Prompt(3), 0, recording: new() { AttentionMask = [0, 1, 1] })
        },
        {
            "ask for ResidualMiddle",
            on => on.lens.Read(
                new Recorder(on.model).Record(on.tiny.Prompt(7), LogitLens.Captures()[..1]), ^1)
        },
    };

    [Theory]
    [MemberData(nameof(WrongUses))]
    public void A_wrong_use_is_refused(string fault, Action<LogitLensTests> call) =>
        Assert.Contains(fault, Assert.ThrowsAny<ArgumentException>(() => call(this)).Message);

    [Fact]
    public void A_recording_of_another_model_is_refused()
    {
        using var other = new TinyQwen2(seed: 2);
        using var another = other.On(device);
        var error = Assert.Throws<ArgumentException>(() => new LogitLens(another).Read(Record(), ^1));
        Assert.Contains("another model", error.Message);
    }

    [Fact]
    public void The_reading_can_be_cancelled() => Assert.Throws<OperationCanceledException>(
        () => lens.Read(Record(), [^1], cancellation: new(canceled: true)));

    Recording Record(params ImmutableArray<Index> positions) => new Recorder(model).Record(
        tiny.Prompt(7), LogitLens.Captures(positions.IsEmpty ? null : positions));

    static bool Near(float a, float b) => Math.Abs(a - b) <= Rounding;
}
