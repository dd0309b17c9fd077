using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(ModelCase), typeof(CountCase)])]
public sealed class ComponentLaws
{
    // Every case runs a model and takes the singular vectors of eight matrices.
    const int Many = 60;

    // Of a score in double, whose terms are some units large.
    const double Rounding = 1e-11;

    [Law(Many)]
    public void The_terms_of_a_score_add_up_to_it_and_to_that_of_the_run(
        ModelCase some) => some.Holds((_, model, ids) =>
    {
        foreach (var kind in new[] { DecompositionKind.MatrixSvd, DecompositionKind.HeadSvd })
        {
            var components = Decomposition.Svd(model, ^1, kind);
            var run = new Recorder(model).Record(ids, ComponentScores.Captures(^1));
            var found = ComponentScores.Exact(
                model, components, run, some.Seed % ids.Length, ComponentPairs.Alive(components, 1 + (some.Seed % 3)));
            var pairs = found.Values.Axes[2].Labels.Length * found.Values.Axes[3].Labels.Length;
            Assert.InRange(found.LargestError, 0, 1e-4);
            foreach (var (place, score) in found.Scores.Values.Index())
                Assert.Equal(
                    score!.Value, found.Values.Values.Slice(place * pairs, pairs).Sum(part => part!.Value), Rounding);
        }
    });

    [Law(Many)]
    public void Singular_vectors_add_up_to_the_matrix_and_have_its_energy(ModelCase some) => some.Holds((_, model, _) =>
    {
        var report = MatrixReport.Of(
            model, Decomposition.Svd(model, 0, (DecompositionKind)(some.Seed % 2)),
            (AttentionProjection)(some.Seed / 2 % 4));
        Assert.InRange(report.DeltaShare!.Value, 0, 1e-12);
        Assert.InRange(report.EnergyShares.Sum(), 0.95 - 1e-12, 1 + 1e-12);
    });

    [Law(Many)]
    public void A_component_of_a_query_changes_its_row_alone_and_of_a_key_its_column_for_those_who_see_it(
        ModelCase some) => some.Holds((_, model, ids) =>
    {
        var (config, position, head) = (model.Config, some.Seed % ids.Length, some.Seed % model.Config.HeadCount);
        var isKey = some.Seed / 3 % 2 == 1;
        // A norm of keys does not let one query head see another key.
        var scope = config.NormsHeads || some.Seed % 2 == 1 ? KeyValueScope.KeyValueGroup : KeyValueScope.QueryHead;
        ImmutableArray<Capture> captures =
            [new(Activation.AttentionInput) { Layers = [^1] }, new(Activation.Pattern) { Layers = [^1] }];
        var plain = new Recorder(model).Record(ids, captures);
        var change = ComponentInterventions.SubtractFromHead(
            model, Decomposition.Svd(model, ^1), isKey ? AttentionProjection.Key : AttentionProjection.Query, 0, head,
            plain, [position], scope);
        var changed = new Recorder(model).Record(ids, captures, new() { Interventions = [change] });
        var (before, after) = (
            plain[new(Activation.Pattern, config.LayerCount - 1)],
            changed[new(Activation.Pattern, config.LayerCount - 1)]);
        for (var other = 0; other < config.HeadCount; other++)
            for (var query = 0; query < ids.Length; query++)
            {
                var mayChange = isKey
                    ? query >= position && (scope == KeyValueScope.QueryHead
                        ? other == head
                        : other / config.GroupSize == head / config.GroupSize)
                    : query == position && other == head;
                if (!mayChange)
                    Assert.True(before.Row(query, other).SequenceEqual(after.Row(query, other)));
            }
    });

    [Law(200)]
    public void Numbers_of_co_activation_keep_their_ranges(CountCase some)
    {
        var pair = new CoActivation(
            some.Scaled(some.Both + some.Key + some.Value + some.Neither), some.Scaled(some.Both + some.Key),
            some.Scaled(some.Both + some.Value), some.Scaled(some.Both));
        Assert.InRange(pair.Phi, -1 - 1e-12, 1 + 1e-12);
        Assert.Equal(pair.Phi, new CoActivation(pair.Tokens, pair.Value, pair.Key, pair.Both).Phi);
        Assert.InRange(pair.Jaccard, 0, Math.Min(pair.ValueGivenKey, pair.KeyGivenValue));
        Assert.InRange(pair.ValueGivenKey, 0, 1);
        Assert.InRange(pair.Expected, 0, Math.Min(pair.Key, pair.Value) * (1 + 1e-12));
        Assert.Equal(
            Math.Sign(((long)some.Both * some.Neither) - ((long)some.Key * some.Value)), Math.Sign(pair.Phi));
    }

    [Law(200)]
    public void A_spread_is_between_one_head_and_all(CountCase some)
    {
        double[] parts = [some.Both, some.Key, some.Value, some.Neither];
        var found = HeadSpread.Of(parts);
        if (parts.Sum() == 0)
        {
            Assert.Null(found.Entropy);
            return;
        }

        Assert.InRange(found.Entropy!.Value, 0, found.Ceiling + 1e-12);
        Assert.InRange(found.Participation!.Value, 1 - 1e-12, parts.Length * (1 + 1e-12));
        Assert.Equal(parts.Max(), parts[found.Dominant]);
    }
}

/// <summary>At how many tokens two components are active.</summary>
/// <param name="Both">Both are.</param>
/// <param name="Key">The key component alone is.</param>
/// <param name="Value">The value component alone is.</param>
/// <param name="Neither">None is.</param>
/// <param name="Factor">How often all of these come.</param>
public sealed record CountCase(int Both, int Key, int Value, int Neither, int Factor)
{
    /// <summary>Gets arbitrary cases; smaller cases have smaller numbers.</summary>
    public static Arbitrary<CountCase> Any { get; } = Arb.From(
        from both in Gen.Choose(0, 50)
        from key in Gen.Choose(0, 50)
        from value in Gen.Choose(0, 50)
        from neither in Gen.Choose(0, 50)
        from factor in Gen.Elements(1, 1000, 10_000_000)
        select new CountCase(both, key, value, neither, factor),
        found => found.Smaller());

    /// <summary>Returns a number of tokens.</summary>
    public long Scaled(int count) => (long)count * Factor;

    IEnumerable<CountCase> Smaller()
    {
        if (Factor > 1)
            yield return this with { Factor = 1 };
        if (Both > 0)
            yield return this with { Both = Both / 2 };
        if (Key > 0)
            yield return this with { Key = Key / 2 };
        if (Value > 0)
            yield return this with { Value = Value / 2 };
        if (Neither > 0)
            yield return this with { Neither = Neither / 2 };
    }
}
