namespace RatIlgpu.Html.Tests.Attention;

public sealed class PooledPatternTests
{
    // Queries of 1, 2, 3 and 4 keys.
    static readonly ExactPattern Pattern = new(
        new(4, IsCausal: true), [65_535, 40_000, 25_535, 10_000, 50_000, 5_535, 100, 200, 65_000, 235]);

    [Fact]
    public void A_map_has_the_root_of_the_largest_code_of_each_block_and_a_query_its_strongest_keys()
    {
        var pooled = PooledPattern.Of(Pattern, new(2, 1), [null]);
        Assert.Equal(
            [PatternCode.RootOf(65_535), PatternCode.RootOf(50_000), PatternCode.RootOf(65_000)], pooled.Map);
        Assert.Equal([1, 1, 1, 1], pooled.Counts);
        Assert.Equal([0, 0, 1, 2], pooled.Keys);
        Assert.Equal([65_535, 40_000, 50_000, 65_000], pooled.Codes);
        Assert.Equal([65_535u, 65_535u, 65_535u, 65_535u], pooled.Sums[0]);
    }

    [Fact]
    public void Other_keys_show_the_most_that_map_and_strongest_keys_allow()
    {
        ushort[][] shown = [.. PooledPattern.Of(Pattern, new(2, 1), [null]).ShownRows()];
        Assert.Equal([65_535], shown[0]);
        Assert.Equal([40_000, 40_000], shown[1]);
        Assert.Equal([50_000, 50_000, 50_000], shown[2]);
        var most = PatternCode.LargestOf(PatternCode.RootOf(50_000));
        Assert.Equal([most, most, 65_000, 65_000], shown[3]);
    }

    [Fact]
    public void A_map_of_every_cell_shows_rounded_roots()
    {
        ushort[][] shown = [.. PooledPattern.Of(Pattern, new(4, 2), [null]).ShownRows()];
        Assert.Equal(
            [PatternCode.MiddleOf(PatternCode.RootOf(100)), PatternCode.MiddleOf(PatternCode.RootOf(200)), 65_000, 235],
            shown[3]);
    }

    [Fact]
    public void A_query_whose_other_codes_are_zero_is_exact()
    {
        var pooled = PooledPattern.Of(new(new(2, IsCausal: false), [7, 0, 0, 9]), new(1, 2), [null]);
        Assert.Equal([[7, 0], [0, 9]], pooled.ShownRows());
        Assert.Equal(0, pooled.LargestError());
    }

    [Fact]
    public void Of_equal_codes_the_first_keys_are_the_strongest() => Assert.Equal(
        [0, 1, 2],
        PooledPattern.Of(new(new(4, IsCausal: false), [.. Enumerable.Repeat((ushort)5, 16)]), new(1, 3), [null])
            .Keys[..3]);

    [Fact]
    public void Sums_are_those_of_each_weighting() => Assert.Equal(
        [[65_535u, 65_535u], [65_535u, 40_000u]],
        PooledPattern.Of(
            new(new(2, IsCausal: true), [65_535, 40_000, 25_535]), new(2, 1), [null, [65_535, 0]]).Sums);

    [Fact]
    public void The_largest_over_heads_names_the_first_head_that_has_it()
    {
        var largest = new LargestOfHeads(new(2, IsCausal: false), new(2, 1));
        foreach (var (head, rows) in new ushort[][][] { [[5, 1], [2, 9]], [[5, 8], [1, 9]] }.Index())
            foreach (var (query, row) in rows.Index())
                largest.Add(head, query, row);
        var pattern = largest.ToPattern();
        Assert.Equal([1, 1], pattern.Keys);
        Assert.Equal([8, 9], pattern.Codes);
        Assert.Equal([1, 0], pattern.Winners!);
    }

    [Fact]
    public void The_mean_over_heads_is_that_of_the_weighted_codes()
    {
        var summary = new HeadsSummary(new(1, IsCausal: true), [AttentionWeights.Standard, AttentionWeights.Value]);
        foreach (var (code, factor) in new (ushort, ushort)[] { (10, 65_535), (21, 0) })
        {
            summary.Add(0, [code], new([factor], null));
            summary.EndHead();
        }

        Assert.Equal([16], summary.Mean(0).Codes);
        Assert.Equal([5], summary.Mean(1).Codes);
    }
}
