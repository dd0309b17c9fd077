using RatIlgpu.Analysis.Tests.Components;

namespace RatIlgpu.Analysis.Tests.Ablation;

/// <summary>The constructed induction model, whose second layer has a component for each token in its queries and
/// keys.</summary>
public sealed class AblatedComponentTests : IDisposable
{
    const double Single = 1e-4;

    const int Position = InductionBench.Half + 4;

    readonly InductionBench bench = new();

    static int Token => InductionBench.Ids[Position];

    // What a query looks for is gone at one position: its row is uniform, and the next is as before.
    [Fact]
    public void Without_the_component_of_its_token_a_query_is_uniform_and_the_next_is_as_before()
    {
        var report = Study(new(AttentionProjection.Query, Token));
        var (shown, before) = (
            report.Conditions[0].Samples[0].Patterns.Single(), report.Samples[0].Patterns.Single());
        Assert.Equal(CircuitModels.Inductor, shown.Head);
        var keys = InductionBench.Ids.Length;
        for (var key = 0; key < keys; key++)
        {
            Assert.Equal(key <= Position ? 1.0 / (Position + 1) : 0, shown.Rows[key], Single);
            Assert.Equal(before.Rows[keys + key], shown.Rows[keys + key], Single);
        }

        Assert.Equal($"L1 query component {Token} zero", report.Conditions[0].Condition.ToString());
    }

    // The first key that remembers the token is hidden from the one query that looks for it.
    [Fact]
    public void A_key_component_of_one_head_changes_what_that_head_sees_of_the_key()
    {
        var one = new AblatedComponent(AttentionProjection.Key, Token, 2, KeyValueScope.QueryHead);
        var report = Study(one, position: 5);
        var shown = report.Conditions[0].Samples[0].Patterns.Single();
        Assert.Equal(CircuitModels.Inductor, shown.Head);
        var keys = InductionBench.Ids.Length;
        Assert.Equal(1.0 / (Position + 1), shown.Rows[((Position - 5) * keys) + 5], Single);
        Assert.Equal($"L1 key component {Token} of H2 alone zero", report.Conditions[0].Condition.ToString());
    }

    [Fact]
    public void Components_of_several_heads_have_a_short_name()
    {
        Assert.Equal("L1 q0+k3", Short(new(Query, 0), new(Key, 3)));
        Assert.Equal("L1 q0+k3 of H0+H2", Short(new(Query, 0, 0), new(Query, 0, 2), new(Key, 3, 0), new(Key, 3, 2)));
        Assert.Equal(
            "L1 q0+k3 of H0 alone",
            Short(new(Query, 0, 0, KeyValueScope.QueryHead), new(Key, 3, 0, KeyValueScope.QueryHead)));
        Assert.Equal("L1 q0, k3 of H1", Short(new(Query, 0), new(Key, 3, 1)));
        Assert.Equal(
            "L2H1, L2H3 zero",
            new AblationCondition(AblatedPart.Head, AblationKind.Zero, [new(2, 1), new(2, 3)]).ShortName);

        string Short(params ImmutableArray<AblatedComponent> some) => new AblationCondition(
            AblatedPart.Component, AblationKind.Zero, [new(1, 0)])
        {
            Components = new(bench.Decomposition, [.. some]),
        }.ShortName;
    }

    const AttentionProjection Query = AttentionProjection.Query, Key = AttentionProjection.Key;

    [Fact]
    public void A_token_s_query_and_key_components_are_redundant_with_the_values_that_they_find()
    {
        // At N + 4, the query finds the value of position 5, which is not that before it.
        AblatedComponents components = new(bench.Decomposition, [new(AttentionProjection.Query, Token)]);
        AblationSample sample = new([.. InductionBench.Ids], Position);
        var sweep = RedundancyStudy.Sweep(
            bench.Model, [sample], [CircuitModels.Inductor], InductionBench.Half, components).Layers[0];
        var found = sweep.Points[InductionBench.Half - 2];
        Assert.Equal(Position - 5, found.Offset);
        Assert.True(found.Values.Projection.Mean < 0.1);
        Assert.All(
            sweep.Points.Where(point => point != found), point => Assert.True(point.Values.Projection.Mean > 0.9));
        Assert.Equal(sweep.HeadsAlone.Projection.Mean, found.Both.Projection.Mean, 0.1);
    }

    [Fact]
    public void Says_which_component_is_not_there()
    {
        Fails("Components has query component 16, of 16 components.", [new(AttentionProjection.Query, 16)]);
        Fails("Components has key component 2 of H9, of 4 heads.", [new(AttentionProjection.Key, 2, 9)]);
        Fails(
            "Components has value component 2, expected those of queries or keys.",
            [new(AttentionProjection.Value, 2)]);
        Fails("Components is empty, expected one or more.", []);
        Fails(
            "Components has a component twice, expected each once.",
            [new(AttentionProjection.Key, 2), new(AttentionProjection.Key, 2)]);

        void Fails(string expected, ValueArray<AblatedComponent> some)
        {
            var components = new AblatedComponents(bench.Decomposition, some);
            Assert.Equal(expected, Assert.Throws<ArgumentException>(() => AblationStudy.Run(
                bench.Model, [new([.. InductionBench.Ids], 3)], new() { Components = components })).Message);
        }
    }

    public void Dispose() => bench.Dispose();

    AblationReport Study(AblatedComponent component, int position = Position) => AblationStudy.Run(
        bench.Model, [new([.. InductionBench.Ids], position)],
        new() { Components = new(bench.Decomposition, [component]), ShownHeads = 1 });
}
