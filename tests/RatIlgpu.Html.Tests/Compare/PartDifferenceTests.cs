using System.Text.Json;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Tests.Compare;

public sealed class PartDifferenceTests
{
    static readonly TraceResult Plain = SampleTrace.Of(["a", " b", " c"], ([2, 0], [0.25]));
    static readonly TraceResult A = With(Plain, 3, ("L1H0", "embed", 4), ("embed", "embed", -2));

    [Fact]
    public void Of_each_link_the_score_and_every_pair_is_subtracted()
    {
        var b = With(Plain, 2.5, ("L1H0", "embed", 1), ("embed", "embed", -2), ("bias", "bias", 0.5));
        Assert.Equal(
            [("L1H0", 4, 1, 3), (null, 3, 2.5, 0.5), ("bias", 0, 0.5, -0.5), ("embed", -2, -2, 0)],
            ComparePage.PartsOf(A, b).Select(part => (part.Query, part.ValueA, part.ValueB, part.Difference)));
        Assert.Equal(
            ["A +3.0000", "A +0.5000", "B +0.5000", "equal"],
            ComparePage.PartsOf(A, b).Select(part => part.Words));
    }

    // A trace keeps five pairs: what another one adds is no larger than the least of them.
    [Theory]
    [InlineData(4, 3.5, "A +3.5000 or more")]
    [InlineData(-4, -3.5, "B +3.5000 or more")]
    [InlineData(0.25, 0, "not known")]
    public void A_pair_that_one_side_does_not_keep_differs_at_least_by_what_is_certain(
        double value, double least, string words)
    {
        var full = With(
            Plain, 3, ("a", "a", 9), ("b", "b", 8), ("c", "c", -7), ("d", "d", 6), ("e", "e", -0.5));
        var part = ComparePage.PartsOf(With(Plain, 3, ("L1H0", "embed", value)), full)
            .Single(one => one.Query == "L1H0");
        Assert.Equal((value, null, least, words), (part.ValueA, part.ValueB, part.Difference, part.Words));
        var swapped = ComparePage.PartsOf(full, With(Plain, 3, ("L1H0", "embed", value)))
            .Single(one => one.Query == "L1H0");
        Assert.Equal((-least, false), (swapped.Difference, swapped.IsExact));
    }

    [Fact]
    public void Links_follow_their_tokens_where_the_text_is_longer()
    {
        var longer = With(SampleTrace.Of(["a", "x", " b", " c"], ([3, 0], [0.25])), 1, ("L1H0", "embed", 1));
        Assert.Equal([3.0, 2, -2], ComparePage.PartsOf(A, longer).Select(part => part.Difference));
        var other = With(SampleTrace.Of(["a", " b", " c"], ([2, 1], [0.25])), 1, ("L1H0", "embed", 1));
        Assert.Empty(ComparePage.PartsOf(A, other));
        Assert.Contains(
            "No link is explained in both.", ComparePage.Render(A, other).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_a_row_for_each_in_words()
    {
        var html = Decoded(A, With(Plain, 2.5, ("L1H0", "embed", 1), ("embed", "embed", -2)));
        Assert.Contains("Parts of scores by difference (3)", html, StringComparison.Ordinal);
        Assert.Contains(
            "<tr><td><bdi>·c</bdi> 2</td><td><bdi>a</bdi> 0</td><td><bdi>L1H0 · embed</bdi></td>"
            + "<td>+4.0000</td><td>+1.0000</td><td>A +3.0000</td></tr>\n"
            + "<tr><td><bdi>·c</bdi> 2</td><td><bdi>a</bdi> 0</td><td><bdi>whole score</bdi></td>"
            + "<td>+3.0000</td><td>+2.5000</td><td>A +0.5000</td></tr>\n",
            html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_stands_in_the_place_of_a_number_that_is_not_kept()
    {
        var full = With(
            Plain, 3, ("a", "a", 9), ("b", "b", 8), ("c", "c", -7), ("d", "d", 6), ("e", "e", -0.5));
        Assert.Contains(
            "<td><bdi>L1H0 · embed</bdi></td><td>+4.0000</td><td>±0.5000</td><td>A +3.5000 or more</td>",
            Decoded(A, full), StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_comparison_has_two_hundred_rows_and_says_how_many_are_left_out()
    {
        string[] tokens = [.. Enumerable.Range(0, 60).Select(number => $"t{number}")];
        var trace = SampleTrace.Explained(
            SampleTrace.Of(tokens, ([.. Enumerable.Range(0, 60).Reverse()], [.. Enumerable.Repeat(0.5, 59)])));
        var other = trace with
        {
            Explanations = [.. trace.Explanations.Select(one => one with { Score = one.Score + 1 })],
        };
        var html = ComparePage.Render(trace, other).Html;
        Assert.Equal(200, html.Split("id=\"parts\"")[1].Split("</table>")[0].Split("<tr><td>").Length - 1);
        Assert.Contains("and 154 parts that differ less", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_has_them_all()
    {
        var full = With(
            Plain, 3, ("a", "a", 9), ("b", "b", 8), ("c", "c", -7), ("d", "d", 6), ("e", "e", -0.5));
        using var json = JsonDocument.Parse(CompareJson.Write(A, full));
        var parts = json.RootElement.GetProperty("parts").EnumerateArray().ToList();
        Assert.Equal(8, parts.Count);
        var part = parts.Single(one => one.GetProperty("query").GetString() == "L1H0");
        Assert.Equal(
            """{"a":{"source":0,"target":2},"b":{"source":0,"target":2},"query":"L1H0","key":"embed","value_a":4,"""
            + "\"value_b\":null,\"difference\":3.5}",
            JsonSerializer.Serialize(part));
        Assert.Equal(JsonValueKind.Null, parts[^1].GetProperty("query").ValueKind);
        using var without = JsonDocument.Parse(CompareJson.Write(A, Plain));
        Assert.False(without.RootElement.TryGetProperty("parts", out _));
    }

    [Fact]
    public void Where_one_trace_alone_is_explained_it_is_said_which()
    {
        const string cure = "explains its links: to compare the parts of their scores, trace the other with --explain "
            + "too.";
        Assert.Equal($"Only A {cure}", ComparePage.WhyNoParts(A, Plain));
        Assert.Equal($"Only B {cure}", ComparePage.WhyNoParts(Plain, A));
        Assert.Null(ComparePage.WhyNoParts(A, A));
        Assert.Null(ComparePage.WhyNoParts(Plain, Plain));
        Assert.Contains($"<p class=\"notice\">Only A {cure}</p>", ComparePage.Render(A, Plain).Html,
            StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"parts\"", ComparePage.Render(Plain, Plain).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Traces_that_are_explained_differently_are_not_equal()
    {
        Assert.True(ComparePage.AreEqual(A, A with { Notices = ["Read from a file."] }));
        Assert.False(ComparePage.AreEqual(A, With(Plain, 2.5, ("L1H0", "embed", 1))));
    }

    [Fact]
    public void Hostile_parts_stay_text()
    {
        var html = ComparePage.Render(With(Plain, 1, ("</script><b>\u202e", "embed", 1)), A).Html;
        Assert.DoesNotContain("<b>\u202e", html, StringComparison.Ordinal);
        Assert.DoesNotContain("</script><b>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_said_of_a_difference_is_certain()
    {
        var random = new Random(1);
        for (var count = 1; count <= 12; count++)
            for (var round = 0; round < 40; round++)
            {
                double[] a = Values(count), b = Values(count);
                foreach (var part in ComparePage.PartsOf(Kept(a), Kept(b)).Where(one => one.Query is not null))
                {
                    var place = int.Parse(part.Query!, System.Globalization.CultureInfo.InvariantCulture);
                    var whole = a[place] - b[place];
                    Assert.True(!part.IsExact || part.Difference == whole);
                    Assert.InRange(Math.Abs(part.Difference), 0, Math.Abs(whole));
                    Assert.True(part.Difference == 0 || Math.Sign(part.Difference) == Math.Sign(whole));
                }
            }

        // Quarters are subtracted without rounding.
        double[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(-40, 41) / 4.0)];

        static TraceResult Kept(double[] values) => With(Plain, 0, [
            .. values.Select((value, place) => ($"{place}", "key", value))
                .OrderByDescending(pair => Math.Abs(pair.value)).Take(LinkExplanation.MostPairs),
        ]);
    }

    static string Decoded(TraceResult a, TraceResult b) =>
        System.Net.WebUtility.HtmlDecode(ComparePage.Render(a, b).Html);

    // Of head 1, with an explanation of each link.
    static TraceResult With(
        TraceResult trace, double score, params (string Query, string Key, double Value)[] pairs)
    {
        var explained = SampleTrace.Explained(trace);
        return explained with
        {
            Explanations =
            [
                .. explained.Explanations.Select(one => one with
                {
                    Score = score,
                    Pairs = [.. pairs.Select(pair => new LinkPair(pair.Query, pair.Key, pair.Value))],
                }),
            ],
        };
    }
}
