using System.Text.Json;
using RatIlgpu.Tracing;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Trace;

/// <summary>Pages of traces whose links are explained.</summary>
public sealed class ExplainedTraceTests
{
    static readonly TraceResult Trace = SampleTrace.Explained(SampleTrace.FivePaths());

    [Fact]
    public void The_table_has_score_and_pairs_without_script()
    {
        var html = TracePage.Render(Trace).Html;
        Assert.Contains(
            "<th scope=\"col\">Attention score<th scope=\"col\">Position alone<th scope=\"col\">Largest pairs, query · "
            + "key", html, StringComparison.Ordinal);
        Assert.Contains(
            "<td>&#x2B;3.0000<td>-0.2500<td><bdi>L1H0 · embed &#x2B;4.0000; 0_mlp_out · L2H13 -2.0000; embed · bias "
            + "&#x2B;0.5000; bias · bias &#x2B;0.2500; embed · embed &#x2B;0.1250</bdi>\n",
            html, StringComparison.Ordinal);
        Assert.Contains("<dt>Pairs", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_of_a_link_have_them()
    {
        using var data = Data(TracePage.Render(Trace));
        var why = data.RootElement.GetProperty("links")[1].GetProperty("why");
        Assert.Equal(
            """{"score":4,"attention":0.75,"alone":-0.25,"rest":1.125,"pairs":""",
            why.GetRawText().Split('[')[0]);
        Assert.Equal(
            ["L1H0 · embed", "0_mlp_out · L2H13", "embed · bias", "bias · bias", "embed · embed"],
            why.GetProperty("pairs").EnumerateArray().Select(pair => pair[0].GetString()));
    }

    [Fact]
    public void A_page_without_them_says_nothing_of_them()
    {
        var html = TracePage.Render(SampleTrace.FivePaths()).Html;
        Assert.DoesNotContain("Position alone", Markup(html), StringComparison.Ordinal);
        using var data = Data(TracePage.Render(SampleTrace.FivePaths()));
        Assert.False(data.RootElement.GetProperty("links")[0].TryGetProperty("why", out _));
        var both = ComparePage.Render(Trace, SampleTrace.FivePaths());
        Assert.DoesNotContain("\"why\"", PageData.Of(both.Html).RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Traces_that_differ_in_nothing_else_are_equal_to_compare()
    {
        var same = Trace with { Explanations = [] };
        Assert.True(ComparePage.AreEqual(Trace, same));
        Assert.Contains("Both traces are equal", ComparePage.Render(Trace, same).Html, StringComparison.Ordinal);
        Assert.False(ComparePage.AreEqual(Trace, same with { Prompt = 3 }));
    }

    [Fact]
    public void Of_a_trace_that_is_read_again_the_page_is_the_same()
    {
        var one = SampleTrace.Explained(SampleTrace.Of(["a", " b", " c"], ([2, 1, 0], [0.5, 0.25])));
        var trace = one with { PathTexts = [.. one.Paths.Select(path => PathText.Format(path, one.Tokens))] };
        Assert.Equal(TracePage.Render(trace).Html, TracePage.Render(TraceJson.Read(TraceJson.Write(trace))).Html);
    }

    [Fact]
    public void Hostile_parts_stay_text()
    {
        var html = TracePage.Render(SampleTrace.Explained(SampleTrace.FivePaths(), "</script><b>\u202e")).Html;
        Assert.Equal(3, System.Text.RegularExpressions.Regex.Count(html, "</script"));
        Assert.DoesNotContain("<b>", Markup(html), StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', html);
    }

    [Fact]
    public void Links_that_are_not_drawn_are_not_explained()
    {
        var random = SampleTrace.Random(60, 400, 8);
        var drawn = DrawnTrace.Of(SampleTrace.Explained(random));
        Assert.NotEqual(random.Sankey.Links.Length, drawn.Sankey.Links.Length);
        Assert.Equal(
            drawn.Sankey.Links.Select(link => (link.Source, link.Target)).Order(),
            drawn.Explanations.Select(one => (one.Source, one.Target)).Order());
        Assert.Equal(
            drawn.Explanations, DrawnTrace.ForExport(drawn, SampleTrace.Explained(random)).Explanations);
    }

    [Fact]
    public void Each_of_several_views_has_its_own()
    {
        ImmutableArray<TraceResult> traces = [.. SampleTrace.LayersAndHeads().Select((one, at) =>
            SampleTrace.Explained(one, $"L{at}H0") with { Options = one.Options })];
        var html = TracePage.Render(traces).Html;
        using var plan = PageData.Of(html);
        Assert.True(plan.RootElement.GetProperty("explained").GetBoolean());
        Assert.Contains("<th scope=\"col\">Attention score", html, StringComparison.Ordinal);
        Assert.Equal("L0H0 · embed", LargestOf("view-0"));
        Assert.Equal("L1H0 · embed", LargestOf("view-1"));

        string? LargestOf(string view)
        {
            using var data = PageData.Of(html, view);
            return data.RootElement.GetProperty("links")[0].GetProperty("why").GetProperty("pairs")[0][0].GetString();
        }
    }

    static JsonDocument Data(HtmlPage page) => PageData.Of(page.Html);

    static string Markup(string html) => Between(html, "<body>", "<script");
}
