using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(ModelCase), typeof(CountCase)])]
public sealed class ComponentLaws
{
    // Every case runs a model and takes the singular vectors of eight matrices.
    const int Many = 60;

    // Of a score in double, whose terms are some units large, and of the norm of a block.
    const double Rounding = 1e-11;

    // Of a score in double against that of the run in single precision.
    const double RunRounding = 1e-4;

    // Of the ends of a range that exact numbers would keep.
    const double EndRounding = 1e-12;

    // Of a spread against another formula, and of one against the same in another order.
    const double SpreadRounding = 1e-13, OrderRounding = 1e-14;

    [Law(Many)]
    public void The_terms_of_a_score_add_up_to_it_and_to_that_of_the_run(
        ModelCase some) => some.Holds((_, model, ids) =>
    {
        foreach (var components in (Decomposition[])
        [
            Decomposition.Svd(model, ^1), Decomposition.Svd(model, ^1, DecompositionKind.HeadSvd),
            Decomposition.QueryKeySvd(
                model, new(model.Config.LayerCount - 1, some.Seed % model.Config.HeadCount), some.Seed % 5),
        ])
        {
            var run = new Recorder(model).Record(ids, ComponentScores.Captures(^1));
            var found = ComponentScores.Exact(
                model, components, run, some.Seed % ids.Length, ComponentPairs.Alive(components, 1 + (some.Seed % 3)));
            var pairs = found.Values.Axes[2].Labels.Length * found.Values.Axes[3].Labels.Length;
            Assert.InRange(found.LargestError, 0, RunRounding);
            foreach (var (place, score) in found.Scores.Values.Index())
                Assert.Equal(
                    score!.Value, found.Values.Values.Slice(place * pairs, pairs).Sum(part => part!.Value), Rounding);
        }
    });

    [Law(Many)]
    public void Any_components_whatever_add_up_to_a_score_with_what_they_lack(ModelCase some) =>
        some.Holds((_, model, ids) =>
        {
            var (layer, random) = (model.Config.LayerCount - 1, new Random(some.Seed));
            var components = new Decomposition(
                model, layer, DecompositionKind.File,
                [
                    .. Enum.GetValues<AttentionProjection>().Select(projection =>
                        Made(ProjectionWeight.Of(model, layer, projection))),
                ]);
            var run = new Recorder(model).Record(ids, ComponentScores.Captures(layer));
            var found = ComponentScores.Exact(
                model, components, run, some.Seed % ids.Length,
                new([0], [.. Enumerable.Range(0, 1 + (some.Seed % 2))]));
            var pairs = found.Values.Axes[2].Labels.Length * found.Values.Axes[3].Labels.Length;
            foreach (var (place, score) in found.Scores.Values.Index())
            {
                var parts = found.Values.Values.Slice(place * pairs, pairs);
                Assert.Equal(
                    score!.Value, parts.Sum(part => part!.Value),
                    Rounding * (1 + parts.Max(part => Math.Abs(part!.Value))));
            }

            MatrixComponents Made(ProjectionWeight weight)
            {
                var count = 2 + (some.Seed % 3);
                return new(weight, Drawn(count * weight.Outputs), Drawn(count * weight.Inputs));
            }

            double[] Drawn(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
        });

    [Law(Many)]
    public void Singular_vectors_add_up_to_the_matrix_and_have_its_energy(ModelCase some) => some.Holds((_, model, _) =>
    {
        var report = MatrixReport.Of(
            model, Decomposition.Svd(model, 0, (DecompositionKind)(some.Seed % 2)),
            (AttentionProjection)(some.Seed / 2 % 4));
        Assert.InRange(report.DeltaShare!.Value, 0, EndRounding);
        Assert.InRange(report.EnergyShares.Sum(), 0.95 - EndRounding, 1 + EndRounding);
    });

    [Law(Many)]
    public void Components_of_a_circuit_meet_in_pairs_at_its_distance_and_add_up_to_its_head(ModelCase some) =>
        some.Holds((_, model, _) =>
        {
            var (size, distance) = (model.Config.HeadSize, some.Seed % 7);
            HeadIndex head = new(some.Seed % model.Config.LayerCount, some.Seed / 3 % model.Config.HeadCount);
            var components = Decomposition.QueryKeySvd(model, head, distance);
            ImmutableArray<int> all = [.. Enumerable.Range(0, size)];
            var scores = ComponentScores.OverOffsets(model, components, new(all, all), [distance]);
            var values = components[AttentionProjection.Query].CircuitValues!.Value;
            for (var one = 0; one < size; one++)
                for (var other = 0; other < size; other++)
                    Assert.Equal(
                        one == other ? values[one] / Math.Sqrt(size) : 0, scores[0, head.Head, one, other]!.Value,
                        Rounding);
            foreach (var projection in new[] { AttentionProjection.Query, AttentionProjection.Key })
            {
                var own = projection == AttentionProjection.Query ? head.Head : head.Head / model.Config.GroupSize;
                var block = ProjectionWeight.Of(model, head.Layer, projection).Folded()
                    .SubMatrix(own * size, size, 0, model.Config.HiddenSize);
                var sum = components[projection].Sum();
                Assert.InRange(
                    (sum.SubMatrix(own * size, size, 0, model.Config.HiddenSize) - block).FrobeniusNorm(), 0, Rounding);
                Assert.Equal(block.FrobeniusNorm(), sum.FrobeniusNorm(), Rounding);
            }
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
        Assert.InRange(pair.Phi, -1 - EndRounding, 1 + EndRounding);
        Assert.Equal(pair.Phi, new CoActivation(pair.Tokens, pair.Value, pair.Key, pair.Both).Phi);
        Assert.InRange(pair.Jaccard, 0, Math.Min(pair.ValueGivenKey, pair.KeyGivenValue));
        Assert.InRange(pair.ValueGivenKey, 0, 1);
        Assert.InRange(pair.Expected, 0, Math.Min(pair.Key, pair.Value) * (1 + EndRounding));
        Assert.Equal(
            Math.Sign(((long)some.Both * some.Neither) - ((long)some.Key * some.Value)), Math.Sign(pair.Phi));
    }

    [Law(200)]
    public void A_spread_is_that_of_its_definition_and_between_one_head_and_all(CountCase some)
    {
        long[] parts = [some.Both, some.Key, some.Value, some.Neither];
        var found = HeadSpread.Of([.. parts.Select(part => (double)part)]);
        if (parts.Sum() == 0)
        {
            Assert.Equal(new(null, 4, null, 0), found);
            return;
        }

        // Sums of whole numbers are exact, and the entropy is that of another formula: ln Σ n − Σ n ln n / Σ n.
        var (squares, fourths) = (parts.Sum(part => part * part), parts.Sum(part => part * part * part * part));
        Assert.Equal((double)squares * squares / fourths, found.Participation!.Value, SpreadRounding);
        Assert.Equal(
            Math.Log(parts.Sum()) - (parts.Sum(part => part == 0 ? 0 : part * Math.Log(part)) / parts.Sum()),
            found.Entropy!.Value, SpreadRounding);
        Assert.InRange(found.Entropy.Value, 0, found.Ceiling + EndRounding);
        Assert.InRange(found.Participation.Value, 1 - EndRounding, parts.Length + EndRounding);
        Assert.Equal(parts.Max(), parts[found.Dominant]);
    }

    [Law(200)]
    public void A_spread_knows_no_unit_and_no_order_of_heads_and_a_head_of_zero_takes_no_part(CountCase some)
    {
        double[] parts = [some.Both + 1, some.Key, some.Value, some.Neither];
        var found = HeadSpread.Of(parts);

        // A power of two changes no digit, even where squares of the numbers overflow or vanish.
        foreach (var power in new[] { -1000, -1, 1, 1000 })
            Assert.Equal(found, HeadSpread.Of([.. parts.Select(part => Math.ScaleB(part, power))]));
        foreach (var other in (double[][])
        [
            [.. parts.Reverse()], [parts[2], parts[0], parts[3], parts[1]], [0, .. parts], [.. parts, 0, 0],
        ])
        {
            var moved = HeadSpread.Of(other);
            Assert.Equal(found.Entropy!.Value, moved.Entropy!.Value, OrderRounding);
            Assert.Equal(found.Participation!.Value, moved.Participation!.Value, OrderRounding);
            Assert.Equal(parts[found.Dominant], other[moved.Dominant]);
        }
    }

    [Law(200)]
    public void Even_parts_are_in_all_heads_and_a_single_part_in_one(CountCase some)
    {
        var (heads, size) = (some.Both + 1, (some.Key + 1) / (some.Value + 1.0) * some.Factor);
        var even = HeadSpread.Of([.. Enumerable.Repeat(size, heads)]);
        Assert.Equal(heads, even.Participation!.Value);
        Assert.Equal(Math.Log(heads), even.Entropy!.Value, SpreadRounding);
        var place = some.Neither % heads;
        Assert.Equal(
            new(0, heads, 1, place),
            HeadSpread.Of([.. Enumerable.Range(0, heads).Select(head => head == place ? size : 0)]));
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
