using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class ComponentInterventionTests
{
    const int Half = InductionBench.Half;

    // The token at position 4, and at 4 of the second half.
    static readonly int Repeated = InductionBench.Ids[4];

    static readonly HeadIndex Inductor = CircuitModels.Inductor;

    [Fact]
    public void Without_the_component_of_its_token_a_query_is_uniform_and_the_next_one_is_intact()
    {
        using var bench = new InductionBench();
        var plain = bench.Pattern(Inductor.Head);
        var change = ComponentInterventions.Subtract(
            bench.Model, bench.Decomposition, AttentionProjection.Query, Repeated, bench.Record(), [Half + 4]);
        var changed = bench.Pattern(Inductor.Head, change);
        Assert.All(changed[Half + 4], one => Assert.Equal(1.0 / (Half + 5), one, 1e-6));
        for (var row = 0; row < changed.Length; row++)
            if (row != Half + 4)
                Assert.Equal(plain[row], changed[row]);
        Assert.InRange(changed[Half + 5][6], 0.9999, 1);
    }

    [Fact]
    public void Without_the_component_of_the_token_before_it_a_key_gets_the_attention_of_a_key_that_is_zero()
    {
        using var bench = new InductionBench();
        var run = bench.Record();
        foreach (var change in (Intervention[])
        [
            ComponentInterventions.Subtract(
                bench.Model, bench.Decomposition, AttentionProjection.Key, Repeated, run, [5]),
            .. new[] { KeyValueScope.KeyValueGroup, KeyValueScope.QueryHead }.Select(scope =>
                ComponentInterventions.SubtractFromHead(
                    bench.Model, bench.Decomposition, AttentionProjection.Key, Repeated, Inductor.Head, run, [5],
                    scope)),
        ])
        {
            var changed = bench.Pattern(Inductor.Head, change);
            Assert.Equal(
                CircuitCases.Pattern(InductionBench.Ids, key => key == 5)[Half + 4][5], changed[Half + 4][5], 1e-6);
            Assert.Equal(0.047621, changed[Half + 4][5], 1e-4);
            Assert.InRange(changed[Half + 5][6], 0.9999, 1);
        }
    }

    // Heads that share keys each name the same component of them, and all heads name it again.
    [Fact]
    public void A_component_is_taken_out_of_keys_once_however_many_heads_name_it()
    {
        using var bench = new InterventionBench();
        var (ids, group) = (bench.Prompt(9), bench.Model.Config.GroupSize);
        Assert.InRange(group, 2, int.MaxValue);
        var before = bench.Record(ids);
        var components = Decomposition.Svd(bench.Model, 1);
        AblatedComponent all = new(AttentionProjection.Key, 0), first = all with { Head = 0 };
        AblatedComponent second = first with { Head = 1 }, alone = first with { Scope = KeyValueScope.QueryHead };
        Same([first], [first, second], [second, first], [first, alone], [alone, first]);
        Same([all], [all, first], [alone, all], [.. Heads(all)]);
        Same([.. Heads(all with { Scope = KeyValueScope.QueryHead })], [all]);

        IEnumerable<AblatedComponent> Heads(AblatedComponent component) =>
            Enumerable.Range(0, bench.Model.Config.HeadCount).Select(head => component with { Head = head });

        void Same(ValueArray<AblatedComponent> once, params ValueArray<AblatedComponent>[] others) =>
            Assert.All(others, other => Assert.All(
                Scores(once).Zip(Scores(other)), both => Assert.Equal(both.First, both.Second, 1e-5)));

        List<float> Scores(ValueArray<AblatedComponent> some) =>
        [
            .. bench.Record(ids, [.. new AblatedComponents(components, some).At(bench.Model, before, null, null)])
                [new(Activation.Pattern, 1)].Values,
        ];
    }

    [Fact]
    public void Keys_of_a_group_change_for_all_its_heads_and_isolated_keys_for_one()
    {
        using var bench = new InterventionBench();
        var ids = bench.Prompt(9);
        var plain = bench.Record(ids);
        var components = Decomposition.Svd(bench.Model, 1);
        var group = bench.Model.Config.GroupSize;
        for (var head = 0; head < bench.Model.Config.HeadCount; head++)
        {
            var isOne = Changed(KeyValueScope.QueryHead);
            Assert.Equal([head], isOne);
            var ofGroup = Changed(KeyValueScope.KeyValueGroup);
            Assert.Equal(Enumerable.Range(head / group * group, group), ofGroup);

            // The heads whose pattern changes.
            int[] Changed(KeyValueScope scope)
            {
                var run = bench.Record(ids, ComponentInterventions.SubtractFromHead(
                    bench.Model, components, AttentionProjection.Key, 0, head, plain, [3], scope));
                return
                [
                    .. Enumerable.Range(0, bench.Model.Config.HeadCount).Where(other =>
                        !Rows(run, other).SequenceEqual(Rows(plain, other))),
                ];
            }
        }

        static IEnumerable<float> Rows(Recording run, int head) => Enumerable.Range(0, 9).SelectMany(query =>
            run[new(Activation.Pattern, 1)].Row(query, head).ToArray());
    }

    [Fact]
    public void A_changed_key_changes_its_own_column_alone_from_its_row_on()
    {
        using var bench = new InterventionBench();
        var ids = bench.Prompt(9);
        var plain = bench.Record(ids);
        var run = bench.Record(ids, ComponentInterventions.Subtract(
            bench.Model, Decomposition.Svd(bench.Model, 1), AttentionProjection.Key, 0, plain, [3]));
        var (before, after) = (plain[new(Activation.Pattern, 1)], run[new(Activation.Pattern, 1)]);
        for (var head = 0; head < bench.Model.Config.HeadCount; head++)
            for (var query = 0; query < 9; query++)
                Assert.Equal(query < 3, before.Row(query, head).SequenceEqual(after.Row(query, head)));
        Assert.True(plain[new(Activation.ResidualBefore, 1)].Values.SequenceEqual(
            run[new(Activation.ResidualBefore, 1)].Values));
    }

    [Fact]
    public void All_components_of_a_matrix_together_leave_the_bias()
    {
        using var bench = new InterventionBench();
        var ids = bench.Prompt(5);
        var plain = bench.Record(ids);
        var components = Decomposition.Svd(bench.Model, 1);
        foreach (var (projection, activation) in new[]
        {
            (AttentionProjection.Query, Activation.Query), (AttentionProjection.Key, Activation.Key),
        })
        {
            var run = bench.Record(ids, [.. Enumerable.Range(0, components[projection].Count).Select(component =>
                ComponentInterventions.Subtract(bench.Model, components, projection, component, plain))]);
            var bias = ProjectionWeight.Of(bench.Model, 1, projection).Bias;
            foreach (var (place, number) in run[new(activation, 1)].Values.ToArray().Index())
                Assert.Equal(bias[place % bias.Length], number, 1e-4);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line()
    {
        using var bench = new InterventionBench();
        using var other = new InterventionBench(TinyQwen2.Small with { HeadSize = 10 });
        var (run, components) = (bench.Record(bench.Prompt(5)), Decomposition.Svd(bench.Model, 1));
        Refused<ArgumentException>(
            "The decomposition is of another model: ", () => ComponentInterventions.Subtract(
                other.Model, components, AttentionProjection.Query, 0, run));
        Refused<ArgumentException>(
            "A component of the Value matrix was asked for, expected one of Query or Key.",
            () => ComponentInterventions.Subtract(bench.Model, components, AttentionProjection.Value, 0, run));
        Refused<ArgumentOutOfRangeException>(
            "component 40 of the Query matrix asked, it has components 0 to 39.",
            () => ComponentInterventions.Subtract(bench.Model, components, AttentionProjection.Query, 40, run));
        Refused<ArgumentOutOfRangeException>(
            "head 6 of Query asked, a layer has heads 0 to 5.", () => ComponentInterventions.SubtractFromHead(
                bench.Model, components, AttentionProjection.Key, 0, 6, run));
        Refused<NotRecordedException>(
            "Position 7 of ", () => ComponentInterventions.Subtract(
                bench.Model, components, AttentionProjection.Key, 0, run, [7]));
    }

    static void Refused<T>(string start, Func<Intervention> make)
        where T : ArgumentException
    {
        var fault = Assert.Throws<T>(make);
        Assert.StartsWith(start, fault.Message, StringComparison.Ordinal);
    }
}
