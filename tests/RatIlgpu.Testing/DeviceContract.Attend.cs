using RatIlgpu.Devices;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    static readonly HeadAggregation[] Aggregations =
        [HeadAggregation.Mean, HeadAggregation.Max, HeadAggregation.Head(0)];

    [Fact]
    public void Attend_by_hand() =>
        // Equal scores: each query gets the mean of the values it sees.
        Near([1, 2, 2, 4], Compute(on =>
        {
            var mixed = on.Allocate(2, 1, 2);
            on.Device.Attend(
                on.Put([0, 0, 0, 0], 2, 1, 2), on.Put([5, 6, 7, 8], 2, 1, 2), on.Put([1, 2, 3, 6], 2, 1, 2),
                Visibility.Causal, mixed);
            return on.Read(mixed);
        }), [1, 2, 2, 4]);

    [Fact]
    public void Aggregation_by_hand()
    {
        // Head 0 weighs its two keys alike, head 1 as 1 to 3.
        float[] Aggregate(HeadAggregation aggregation) => Compute(on =>
        {
            var row = on.Allocate(1, 2);
            on.Device.AggregatePattern(
                on.Put([0, 1], 1, 2, 1), on.Put([0, MathF.Log(3)], 2, 1, 1), Visibility.Causal, aggregation, [0], row);
            return on.Read(row);
        });

        Near([0.375f, 0.625f], Aggregate(HeadAggregation.Mean));
        Near([0.5f, 0.75f], Aggregate(HeadAggregation.Max));
        Near([0.25f, 0.75f], Aggregate(HeadAggregation.Head(1)));
    }

    [Fact]
    public void Weighted_aggregation_by_hand()
    {
        // The patterns are ½, ½ and ¼, ¾; a third factor of each head is not read.
        float[] Aggregate(HeadAggregation aggregation) => Compute(on =>
        {
            var row = on.Allocate(1, 2);
            on.Device.AggregatePattern(
                on.Put([0, 1], 1, 2, 1), on.Put([0, MathF.Log(3)], 2, 1, 1), on.Put([1, 0.5f, 9, 0, 1, 9], 2, 3),
                Visibility.Causal, aggregation, [0], row);
            return on.Read(row);
        });

        Near([0.25f, 0.5f], Aggregate(HeadAggregation.Mean));
        Near([0.5f, 0.75f], Aggregate(HeadAggregation.Max));
        Near([0, 0.75f], Aggregate(HeadAggregation.Head(1)));
    }

    [Fact]
    public void Weighted_aggregation_of_any_number_of_keys() => EachLength(keys =>
        WeightedAgrees(new AttentionCase(Math.Min(keys, 3), 4, keys, 2, 6)));

    [Theory]
    [InlineData(1, int.MaxValue, false)]
    [InlineData(2, 5, false)]
    [InlineData(2, int.MaxValue, true)]
    [InlineData(4, 3, true)]
    public void Weighted_aggregation_with_windows_and_masks(int keyHeads, int window, bool masked) =>
        // Where there is a mask, the first queries see no key.
        WeightedAgrees(new AttentionCase(41, 4, 41, keyHeads, 8)
        {
            Window = window,
            Mask = masked ? [0, 0, 0, .. Mask(1, 38)!] : null,
        });

    void WeightedAgrees(AttentionCase attention)
    {
        var factors = Numbers(attention.Keys, attention.Heads * (attention.Keys + 2)).Select(MathF.Abs).ToArray();
        var magnitude = Repeated(1 + attention.LargestScore, attention.Queries * attention.Keys);
        foreach (var aggregation in (HeadAggregation[])[.. Aggregations, HeadAggregation.MaxOf(1, 3)])
        {
            AgreesWithPlain(
                on => (attention with { Factors = factors }).Aggregate(on, aggregation), magnitude,
                $"{aggregation} of {attention}");
            var ones = attention with { Factors = [.. Repeated(1, attention.Heads * attention.Keys)] };
            Near(
                Compute(on => attention.Aggregate(on, aggregation)), Compute(on => ones.Aggregate(on, aggregation)),
                magnitude, $"factors of 1, {aggregation} of {attention}");
        }
    }

    [Fact]
    public void Attend_of_every_case()
    {
        foreach (var attention in AttentionCases())
            AttendAgrees(attention);
    }

    [Fact]
    public void Attend_of_any_number_of_keys() => EachLength(keys =>
        AttendAgrees(new AttentionCase(Math.Min(keys, 2), 2, keys, 1, 6)));

    [Fact]
    public void Attend_of_any_head_size() => EachLength(size => AttendAgrees(new AttentionCase(3, 2, 4, 2, size + 1)));

    [Theory]
    [InlineData(90, 600, int.MaxValue)]
    [InlineData(90, 600, 290)]
    [InlineData(1, 1100, int.MaxValue)]
    [InlineData(40, 1100, 3)]
    public void Attend_to_more_keys_than_a_block(int queries, int keys, int window)
    {
        queries = Many(queries);
        AttendAgrees(new AttentionCase(queries, 2, keys, 1, 16) { Window = window });
        AttendAgrees(new AttentionCase(queries, 1, keys, 1, 16) { Window = window, Mask = Mask(1, keys) });
    }

    [Fact]
    public void Attend_meets_ever_larger_scores() =>
        // The scores rise from block to block: each block scales the values before it to almost nothing.
        Near([1], Compute(on =>
        {
            var mixed = on.Allocate(1, 1, 1);
            var rising = Enumerable.Range(0, 1000).Select(k => k * 100f).ToArray();
            var last = Enumerable.Range(0, 1000).Select(k => k == 999 ? 1f : 0f).ToArray();
            on.Device.Attend(
                on.Put([1], 1, 1, 1), on.Put(rising, 1000, 1, 1), on.Put(last, 1000, 1, 1), Visibility.Causal, mixed);
            return on.Read(mixed);
        }), [1]);

    [Fact]
    public void Attend_to_large_scores_does_not_overflow() =>
        AttendAgrees(new AttentionCase(20, 2, 300, 1, 16) { Scale = 1e4f });

    [Fact]
    public void Attend_is_scores_softmax_and_mix()
    {
        var attention = new AttentionCase(50, 4, 310, 2, 16) { Window = 280 };
        Near(Compute(on => attention.Mix(on, attention.Pattern(on))), Compute(attention.Attend), what: $"{attention}",
            magnitude: Repeated(1 + attention.LargestScore, 50 * 4 * 16));
    }

    [Fact]
    public void Aggregation_reduces_the_pattern_over_heads()
    {
        var attention = new AttentionCase(7, 6, 40, 2, 8) { Window = 30 };
        var pattern = Compute(attention.Pattern);
        void Reduces(HeadAggregation aggregation, Func<IEnumerable<float>, float> reduce, params int[] heads) => Near(
            [.. Enumerable.Range(0, 7 * 40).Select(i => reduce(heads.Select(head => pattern[head * 7 * 40 + i])))],
            Compute(on => attention.Aggregate(on, aggregation)), Repeated(1 + attention.LargestScore, 7 * 40));

        Reduces(HeadAggregation.Mean, Enumerable.Average, 0, 1, 2, 3, 4, 5);
        Reduces(HeadAggregation.Max, Enumerable.Max, 0, 1, 2, 3, 4, 5);
        Reduces(HeadAggregation.MeanOf(0, 4, 5), Enumerable.Average, 0, 4, 5);
        Reduces(HeadAggregation.MaxOf(1, 3), Enumerable.Max, 1, 3);
    }

    [Theory]
    [InlineData(41, 1, int.MaxValue, false)]
    [InlineData(41, 2, int.MaxValue, true)]
    [InlineData(29, 1, 5, false)]
    [InlineData(29, 2, 3, true)]
    public void Chosen_rows_of_an_aggregation_are_those_of_all(int queries, int keyHeads, int window, bool masked)
    {
        const int Keys = 41;
        var attention = new AttentionCase(queries, 4, Keys, keyHeads, 8)
        {
            Window = window,
            // Where all are queries, the first three see no key.
            Mask = masked ? [0, 0, 0, .. Mask(1, Keys - 3)!] : null,
        };
        foreach (var aggregation in (HeadAggregation[])[.. Aggregations, HeadAggregation.MaxOf(1, 3)])
        {
            var all = Compute(on => attention.Aggregate(on, aggregation));
            int[] rows = [queries - 1, 0, 17, 3, 17, 2];
            Near(
                [.. rows.SelectMany(row => all.AsSpan(row * Keys, Keys).ToArray())],
                Compute(on => attention.Aggregate(on, aggregation, rows)),
                Repeated(1 + attention.LargestScore, rows.Length * Keys), $"{aggregation}");
        }

        Assert.Empty(Compute(on => attention.Aggregate(on, HeadAggregation.Mean, [])));
    }

    [Fact]
    public void Aggregates_no_row_of_a_query_that_is_not_there() => Refuses(on =>
    {
        var (query, result) = (on.Allocate(2, 4, 8), on.Allocate(1, 2));
        foreach (var row in (int[])[-1, 2])
            Assert.StartsWith(
                $"AggregatePattern: row {row} asked of 2 queries.",
                Assert.Throws<ArgumentOutOfRangeException>(() => on.Device.AggregatePattern(
                    query, query, Visibility.Causal, HeadAggregation.Mean, [row], result)).Message,
                StringComparison.Ordinal);
    });

    void AttendAgrees(AttentionCase attention)
    {
        var magnitude = 1 + attention.LargestScore;
        var mixed = attention.Queries * attention.Heads * attention.HeadSize;
        AgreesWithPlain(attention.Attend, Repeated(magnitude, mixed), $"{attention}");
        foreach (var aggregation in Aggregations)
            AgreesWithPlain(
                on => attention.Aggregate(on, aggregation), Repeated(magnitude, attention.Queries * attention.Keys),
                $"{aggregation} of {attention}");
    }
}
