using RatIlgpu.Devices;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    // Three heads, two queries, two keys.
    static readonly float[] SmallPattern = [1, 2, 3, 4, -5, 6, 7, -8, 10, -20, -30, 40];

    [Theory]
    [InlineData("mean", new float[] { 2, -4, -20f / 3, 12 })]
    [InlineData("max", new float[] { 10, 6, 7, 40 })]
    [InlineData("mean:0,2", new[] { 5.5f, -9, -13.5f, 22 })]
    [InlineData("max:0,1", new float[] { 1, 6, 7, 4 })]
    [InlineData("1", new float[] { -5, 6, 7, -8 })]
    public void Reduces_a_pattern_over_heads_by_hand(string heads, float[] expected) => Near(
        expected, Compute(on => Reduce(on, SmallPattern, 3, 2, heads, [0, 1])), [11, 10, 14, 18]);

    [Theory]
    [InlineData("mean", new[] { 0, -13 / 3f, 4.4f / 3, 34 / 3f })]
    [InlineData("max", new float[] { 1, 6, 3, 40 })]
    [InlineData("2", new float[] { 0, -20, 0, 40 })]
    public void Reduces_a_weighted_pattern_over_heads_by_hand(string heads, float[] expected) => Near(
        expected,
        Compute(on => Reduce(on, SmallPattern, 3, 2, heads, [0, 1], [1, 0.5f, 9, 0.2f, 1, 9, 0, 1, 9])),
        [11, 10, 14, 18]);

    [Fact]
    public void The_largest_of_negative_numbers_is_one_of_them() => Assert.Equal(
        [-1, -3], Compute(on => Reduce(on, [-1, -4, -2, -3], 2, 1, "max", [0])));

    [Fact]
    public void Reduces_rows_of_a_pattern_in_any_order_and_more_than_once() => Assert.Equal(
        [7, 40, 10, 6, 7, 40], Compute(on => Reduce(on, SmallPattern, 3, 2, "max", [1, 0, 1])));

    [Fact]
    public void Reduces_no_row_of_a_pattern() =>
        Assert.Empty(Compute(on => Reduce(on, SmallPattern, 3, 2, "mean", [])));

    [Theory]
    [InlineData("mean")]
    [InlineData("max")]
    public void What_is_no_number_in_one_head_is_none_in_a_reduced_pattern(string heads) => EachLength(keys =>
    {
        for (var head = 0; head < 3; head++)
        {
            var pattern = Numbers(1, 3 * keys);
            pattern.AsSpan(head * keys, keys).Fill(float.NaN);
            Assert.All(
                Compute(on => Reduce(on, pattern, 3, 1, heads, [0])),
                number => Assert.True(float.IsNaN(number), $"{keys} keys, head {head}"));
        }
    });

    [Fact]
    public void Reduces_patterns_of_any_number_of_keys() => EachLength(keys =>
    {
        var pattern = Numbers(keys, 4 * 3 * keys);
        var factors = Numbers(keys + 1, 4 * (keys + 1));
        foreach (var heads in (string[])["mean", "max", "mean:1,2,3", "max:0,3", "2"])
        {
            AgreesWithPlain(on => Reduce(on, pattern, 4, 3, heads, [2, 0, 2]), what: $"{heads} of {keys} keys");
            AgreesWithPlain(
                on => Reduce(on, pattern, 4, 3, heads, [2, 0, 2], factors), what: $"weighted {heads} of {keys} keys");
        }
    });

    [Fact]
    public void Reduces_more_rows_and_keys_than_one_thread_should()
    {
        var (queries, keys) = (Many(70), Many(2500));
        var pattern = Numbers(1, 5 * queries * keys);
        int[] rows = [.. Enumerable.Range(0, queries).Reverse()];
        foreach (var heads in (string[])["mean", "max"])
        {
            AgreesWithPlain(on => Reduce(on, pattern, 5, queries, heads, rows), what: heads);
            AgreesWithPlain(on => Reduce(on, pattern, 5, queries, heads, rows, pattern[..(5 * keys)]), what: heads);
        }
    }

    [Fact]
    public void Aggregation_is_the_reduction_of_the_pattern()
    {
        var attention = new AttentionCase(7, 6, 40, 2, 8) { Window = 30 };
        var pattern = Compute(attention.PatternAtOnce);
        foreach (var heads in (string[])["mean", "max", "mean:0,4,5", "max:1,3", "2"])
            Near(
                Compute(on => attention.Aggregate(on, HeadAggregation.Parse(heads), [6, 0, 3])),
                Compute(on => Reduce(on, pattern, 6, 7, heads, [6, 0, 3])),
                Repeated(1 + attention.LargestScore, 3 * 40), heads);
    }

    [Fact]
    public void Says_what_is_wrong_with_a_reduction_of_a_pattern() => Refuses(on =>
    {
        var (pattern, result, device) = (on.Allocate(2, 3, 4), on.Allocate(1, 4), on.Device);
        Says(
            "ReducePattern: pattern is [1, 4], expected 3 axes.",
            () => device.ReducePattern(result, HeadAggregation.Mean, [0], result));
        Says(
            "ReducePattern: pattern is [0, 3, 4], expected at least one head.",
            () => device.ReducePattern(on.Allocate(0, 3, 4), HeadAggregation.Mean, [0], result));
        Says(
            "ReducePattern: result is [1, 4], expected [2, 4].",
            () => device.ReducePattern(pattern, HeadAggregation.Mean, [0, 1], result));
        Says(
            "ReducePattern: factors is [2, 3], expected [2, 4] or more columns.",
            () => device.ReducePattern(pattern, on.Allocate(2, 3), HeadAggregation.Mean, [0], result));
        Says(
            "ReducePattern: factors is [3, 4], expected [2, 4] or more columns.",
            () => device.ReducePattern(pattern, on.Allocate(3, 4), HeadAggregation.Mean, [0], result));
        foreach (var row in (int[])[-1, 3])
            Says(
                $"ReducePattern: row {row} asked of 3 queries.",
                () => device.ReducePattern(pattern, HeadAggregation.Mean, [row], result));
        Says(
            "heads: head 2 asked, the layer has heads 0 to 1.",
            () => device.ReducePattern(pattern, HeadAggregation.Head(2), [0], result));
    });

    static float[] Reduce(
        Workbench on,
        float[] pattern,
        int heads,
        int queries,
        string aggregation,
        int[] rows,
        float[]? factors = null)
    {
        var keys = pattern.Length / heads / queries;
        var result = on.Allocate(rows.Length, keys);
        on.Device.ReducePattern(
            on.Put(pattern, heads, queries, keys),
            factors is null ? null : on.Put(factors, heads, factors.Length / heads),
            HeadAggregation.Parse(aggregation), rows, result);
        return on.Read(result);
    }
}
