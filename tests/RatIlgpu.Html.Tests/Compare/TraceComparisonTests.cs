namespace RatIlgpu.Html.Tests.Compare;

public sealed class TraceComparisonTests
{
    // A takes 3 -> 1 -> 0 and 3 -> 0 alike; B only 3 -> 2 -> 0.
    static readonly TraceResult A = SampleTrace.Of(["a", "b", "c", "d"], ([3, 1, 0], [0.5, 0.5]), ([3, 0], [0.5]));
    static readonly TraceResult B = SampleTrace.Of(["a", "b", "c", "d"], ([3, 2, 0], [0.5, 0.5]));

    [Fact]
    public void Shares_of_tokens_are_subtracted() => Assert.Equal(
        [new(2, 2, 0, 1), new(1, 1, 0.5, 0), new(0, 0, 1, 1), new(3, 3, 1, 1)],
        new TraceComparison(A, B).Tokens);

    [Fact]
    public void Shares_of_links_are_subtracted_and_a_link_of_one_side_stands_alone() => Assert.Equal(
        [
            new(-1, LinkOf(B, 2, 3), 0, 1), new(-1, LinkOf(B, 0, 2), 0, 1),
            new(LinkOf(A, 1, 3), -1, 0.5, 0), new(LinkOf(A, 0, 1), -1, 0.5, 0), new(LinkOf(A, 0, 3), -1, 0.5, 0),
        ],
        new TraceComparison(A, B).Links
            .OrderBy(pair => pair.Difference).ThenBy(pair => pair.A == -1 ? pair.B : pair.A));

    [Fact]
    public void Links_follow_their_tokens_where_the_text_is_longer()
    {
        var longer = SampleTrace.Of(["a", "x", "b", "c", "d"], ([4, 2, 0], [0.5, 0.5]), ([4, 0], [0.5]));
        var comparison = new TraceComparison(A, longer);
        Assert.All(comparison.Links, pair => Assert.Equal((true, 0), (pair.A >= 0 && pair.B >= 0, pair.Difference)));
        Assert.Equal([(0, 0), (1, 2), (3, 4)], comparison.Tokens.Select(pair => (pair.A, pair.B)));
    }

    [Fact]
    public void Paths_correspond_where_all_their_tokens_do()
    {
        var longer = SampleTrace.Of(["a", "x", "b", "c", "d"], ([4, 0], [0.5]), ([4, 1, 0], [0.5, 0.5]));
        var two = SampleTrace.Of(["a", "b", "c", "d"], ([3, 1, 0], [0.5, 0.5]), ([3, 0], [0.5]));
        var pairs = new TraceComparison(two, longer).Paths.ToArray();
        Assert.Equal([(-1, 1), (0, -1), (1, 0)], pairs.Select(pair => (pair.A, pair.B)).Order());
        var same = pairs.Single(pair => pair is { A: 1, B: 0 });
        Assert.Equal((two.PathWeights[1], longer.PathWeights[0]), (same.ShareA, same.ShareB));
    }

    [Fact]
    public void A_trace_is_equal_to_itself()
    {
        Assert.True(new TraceComparison(A, A with { Notices = ["Read from a file."] }).AreEqual);
        Assert.False(new TraceComparison(A, B).AreEqual);
    }

    [Theory]
    [InlineData(0.5, 0.5, "equal")]
    [InlineData(0.5, 0.49996, "equal")]
    [InlineData(0.5, 0.4996, "A +0.04 points")]
    [InlineData(0, 0.0099, "B +0.99 points")]
    [InlineData(0.01, 0, "A +1.0 points")]
    [InlineData(0.125, 0, "A +12.5 points")]
    [InlineData(0, 0.41, "B +41.0 points")]
    public void Says_which_side_has_more_in_percentage_points(double a, double b, string words) =>
        Assert.Equal(words, new ShareDifference(0, 0, a, b).Words);

    [Theory]
    [InlineData(1, 0.04, "")]
    [InlineData(1, 0.05, "a1")]
    [InlineData(1, -0.125, "b2")]
    [InlineData(1, 0.25, "a3")]
    [InlineData(1, -0.5, "b4")]
    [InlineData(0.01, 0.0004, "")]
    [InlineData(0.01, 0.0005, "a1")]
    [InlineData(0.01, -0.009, "b4")]
    [InlineData(0.0005, 0.00004, "")]
    public void The_shade_of_a_difference_follows_the_scale(double most, double difference, string step) =>
        Assert.Equal(step, new DifferenceScale(most).StepOf(
            new(0, 0, Math.Max(difference, 0), Math.Max(-difference, 0))));

    [Theory]
    [InlineData(0, "0.0025, 0.0063, 0.0125 and 0.025 points")]
    [InlineData(0.0076, "0.05, 0.125, 0.25 and 0.5 points")]
    [InlineData(0.16, "1, 2.5, 5 and 10 points")]
    [InlineData(0.6, "5, 12.5, 25 and 50 points")]
    public void The_scale_follows_the_largest_difference(double largest, string steps) =>
        Assert.Equal(steps, DifferenceScale.Of([new(0, 0, 0.1, 0.1), new(1, 1, largest, 0)]).ToString());

    [Fact]
    public void Traces_that_differ_by_less_than_a_point_have_colours()
    {
        var comparison = new TraceComparison(SampleTrace.FivePaths(), SampleTrace.Swapped());
        Assert.All(comparison.Tokens, pair => Assert.InRange(pair.Size, 0, 0.01));
        Assert.Equal(
            ["", "a1", "a3", "a4", "b3"], comparison.Tokens.Select(comparison.Scale.StepOf).Distinct().Order());
    }

    static int LinkOf(TraceResult trace, int key, int query) =>
        trace.Sankey.Links.Index().Single(link => (link.Item.Source, link.Item.Target) == (key, query)).Index;
}
