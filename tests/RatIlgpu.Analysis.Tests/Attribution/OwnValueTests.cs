namespace RatIlgpu.Analysis.Tests;

public sealed class OwnValueTests : IDisposable
{
    readonly InterventionBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(KeyValueScope.QueryHead, 4)]
    [InlineData(KeyValueScope.KeyValueGroup, 1)]
    public void What_a_head_read_sums_to_what_it_writes_also_where_its_values_are_changed(
        KeyValueScope scope, int head)
    {
        var change = Intervention.Scale(bench.At(Activation.Value, 1, [head], scope: scope), -2);
        var prompt = bench.Prompt(6);
        var heads = Attribute(AttributionUnit.Head, change);
        var sources = Attribute(AttributionUnit.HeadBySource, change);
        var sums = sources.Terms.Where(row => row.Term is ResidualTerm.HeadSource)
            .ToLookup(row => ((ResidualTerm.HeadSource)row.Term).Index, row => row.Value);
        foreach (var row in heads.Terms)
            if (row.Term is ResidualTerm.Head { Index: var index })
                Assert.Equal(row.Value, sums[index].Sum(), 1e-5);
        Assert.Equal(0, sources.Terms[^1].Value, 1e-4);

        // The change has an effect.
        var plain = Attribute(AttributionUnit.Head);
        Assert.Contains(
            plain.Terms.Zip(heads.Terms), pair => Math.Abs(pair.First.Value - pair.Second.Value) > 0.1);

        LogitAttribution Attribute(AttributionUnit unit, params Intervention[] changes) =>
            new LogitAttributor(bench.Model).Attribute(
                prompt, new(11, 12), ^1, new() { Unit = unit }, new() { Interventions = [.. changes] });
    }
}
