using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class InductionDetailTests
{
    const int Half = InductionBench.Half;

    [Fact]
    public void The_effect_of_each_token_of_a_constructed_induction_head_has_its_closed_form()
    {
        using var bench = new InductionBench();
        var found = InductionDetail.Of(
            bench.Model, bench.Decomposition, CircuitModels.Inductor, [InductionBench.Sequence]);
        Assert.Equal(0.966667, found.Score, 1e-4);
        Assert.Equal((1, 15), (found.KeyValueHead, found.Queries));
        foreach (var head in new[] { 0, 1, 3 })
            Assert.Equal(0.043101, found.Scores[head], 1e-4);
        var queries = found.Effects.Where(effect => effect.Projection == AttentionProjection.Query)
            .ToDictionary(effect => effect.Component);
        Assert.Equal(Half, queries.Count);
        for (var place = 0; place < Half; place++)
        {
            // Without the component, the query of its token is uniform.
            var (token, attention) = (InductionBench.Ids[place], place == 0 ? 0.5 : 1);
            var expected = place == Half - 1 ? 0 : (attention - (1.0 / (Half + place + 1))) / (Half - 1);
            Assert.Equal(expected, queries[token].Effects[2], 1e-4);
            Assert.Equal(WeightConcentration.Concentrated, queries[token].Concentration);
            Assert.Equal((1, 2, 4), (
                queries[token].Fraction, queries[token].Spread.Dominant, queries[token].Spread.Heads));
            Assert.Empty(queries[token].OtherHeads(2));
            Assert.Empty(queries[token].RaisedHeads(2));
        }

        foreach (var (place, expected) in new[] { (0, 0.029412), (1, 0.062963), (14, 0.064516) })
            Assert.Equal(expected, queries[InductionBench.Ids[place]].Effects[2], 1e-4);
        Assert.True(queries[InductionBench.Ids[Half - 1]].IsUnused(2));
        Assert.False(queries[InductionBench.Ids[3]].IsUnused(2));
        Assert.Equal(queries.Values.Sum(effect => effect.Effects[2]), found.QuerySum, 1e-12);
    }

    [Theory]
    [InlineData(0.2, 0.009, true)]
    [InlineData(0.2, -0.009, true)]
    [InlineData(0.2, 0.011, false)]
    [InlineData(0.2, -0.3, false)]
    [InlineData(0.1, 0, false)]
    public void A_component_that_helps_or_hinders_is_used(double fraction, double effect, bool isUnused) =>
        Assert.Equal(isUnused, new ComponentEffect(
            AttentionProjection.Query, 0, fraction, HeadSpread.Of([fraction, 1 - fraction]), [0.5, effect])
            .IsUnused(1));

    [Fact]
    public void Keys_have_their_part_in_the_key_value_head_that_the_head_reads()
    {
        using var bench = new InductionBench();
        var found = InductionDetail.Of(
            bench.Model, bench.Decomposition, CircuitModels.Inductor, [InductionBench.Sequence]);
        var keys = found.Effects.Where(effect => effect.Projection == AttentionProjection.Key).ToList();
        Assert.Equal(Half, keys.Count);
        Assert.All(keys, key =>
        {
            Assert.Equal((1, 2), (key.Fraction, key.Spread.Heads));
            Assert.Equal(key.Component == InductionBench.Ids[Half - 1], key.Effects[2] < 0.01);
        });

        // The first feeder is the head that looks one back.
        Assert.Equal((CircuitModels.Previous, HeadInput.Key), (found.Feeders[0].Source, found.Feeders[0].Input));
        Assert.InRange(found.Feeders[0].Effect, 0.9, 1);
    }

    [Fact]
    public void The_attention_is_divided_into_target_first_position_and_rest()
    {
        using var bench = new InductionBench();
        var found = InductionDetail.Of(
            bench.Model, bench.Decomposition, CircuitModels.Inductor, [InductionBench.Sequence]).Mass;
        var pattern = bench.Pattern(2);
        var target = Enumerable.Range(0, Half).Average(place => pattern[Half + place][place + 1]);
        Assert.Equal(target, found.Target, 1e-5);
        Assert.Equal(Enumerable.Range(0, Half).Average(place => pattern[Half + place][0]), found.First, 1e-5);
        Assert.Equal(1, found.Target + found.First + found.Rest, 1e-12);
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("mistral")]
    public void Effects_are_those_of_a_run_without_the_component(string family)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        int[] half = [3, 14, 15, 92, 65, 35];
        int[] ids = [.. half, .. half];
        var components = Decomposition.Svd(bench.Model, 1);
        var found = InductionDetail.Of(
            bench.Model, components, new(1, 4), [new([.. ids], 0, half.Length, 2)], most: 3);
        Assert.Equal(6, found.Effects.Length);
        var plain = bench.Record(ids);
        foreach (var effect in found.Effects)
        {
            var run = bench.Record(ids, ComponentInterventions.Subtract(
                bench.Model, components, effect.Projection, effect.Component, plain));
            for (var head = 0; head < bench.Model.Config.HeadCount; head++)
                Assert.Equal(Score(plain, head) - Score(run, head), effect.Effects[head], 1e-5);
        }

        double Score(Recording run, int head) => Enumerable.Range(0, half.Length - 1).Average(place =>
            (double)run[new(Activation.Pattern, 1)].Row(half.Length + place, head)[place + 1]);
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void Heads_together_have_what_each_has_by_itself(string family)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        var components = Decomposition.Svd(bench.Model, 1);
        RepeatedSequence[] sequences = [Twice(3, 14, 15, 92, 65, 35), Twice(8, 9, 79, 32)];
        var found = InductionDetail.OfHeads(bench.Model, components, [4, 0, 5], sequences, most: 3);
        Assert.Equal([new(1, 4), new(1, 0), new(1, 5)], found.Select(detail => detail.Head));
        foreach (var detail in found)
            Assert.Equal(InductionDetail.Of(bench.Model, components, detail.Head, sequences, most: 3), detail);
    }

    [Fact]
    public void Each_sequence_runs_once_for_all_heads()
    {
        using var tiny = new TinyQwen2();
        using var device = new WatchedDevice(new CpuDevice());
        using var model = tiny.On(device);
        var components = Decomposition.Svd(model, 1);

        // Twice: for the effects of components, and for the earlier heads.
        Assert.Equal(4, RunsFor(2));
        Assert.Equal(4, RunsFor(0, 1, 2, 3, 4, 5));

        // A run has one layer before that of the heads, with one product of gates.
        int RunsFor(params ImmutableArray<int> heads)
        {
            device.Operations.Clear();
            InductionDetail.OfHeads(model, components, heads, [Twice(3, 14, 15), Twice(9, 26, 5)], most: 1);
            return device.Operations.Count(operation => operation == "SwiGlu");
        }
    }

    [Fact]
    public void A_head_that_is_asked_for_twice_is_refused()
    {
        using var bench = new InductionBench();
        Assert.StartsWith(
            "A head is given twice: 2, 1, 2.",
            Assert.Throws<ArgumentException>(() => InductionDetail.OfHeads(
                bench.Model, bench.Decomposition, [2, 1, 2], [InductionBench.Sequence])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_of_another_layer_and_sequences_that_are_not_repeated_are_refused()
    {
        using var bench = new InductionBench();
        Assert.StartsWith(
            "The decomposition is of layer 1, expected that of L0H1.",
            Assert.Throws<ArgumentException>(() => InductionDetail.Of(
                bench.Model, bench.Decomposition, new(0, 1), [InductionBench.Sequence])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => InductionDetail.Of(
            bench.Model, bench.Decomposition, CircuitModels.Inductor, []));
    }

    static RepeatedSequence Twice(params int[] half) => new([.. half, .. half], 0, half.Length, 2);
}
