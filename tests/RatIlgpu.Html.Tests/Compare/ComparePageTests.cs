using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Compare;

public sealed class ComparePageTests
{
    static readonly string[] HostileText = ["start", .. SampleTrace.Hostile, "end"];
    static readonly TraceResult Five = SampleTrace.FivePaths();
    static readonly TraceResult One = SampleTrace.Of(SampleTrace.Sentence, ([19, 4, 0], [0.5, 0.5]));

    [Fact]
    public void The_policy_allows_exactly_the_script_and_the_style_of_the_page()
    {
        var html = ComparePage.Render(Five, One).Html;
        Assert.Contains($"script-src {Asset.PolicyHash(Script(html))}; style-src {Asset.PolicyHash(Style(html))};",
            html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\s(src|srcset|style|on[a-z]+)=", Between(html, "<body>", "<script"));
        Assert.DoesNotMatch(@"href=""(?!#)", html);
    }

    [Fact]
    public void Script_and_style_keep_their_budgets_of_bytes()
    {
        var html = ComparePage.Render(Five, One).Html;
        Assert.InRange(Encoding.UTF8.GetByteCount(Script(html)), 10_000, 40_000);
        Assert.InRange(Encoding.UTF8.GetByteCount(Style(html)), 5_000, 16_000);
    }

    [Fact]
    public void Hostile_tokens_and_names_stay_text()
    {
        int[] at = [.. Enumerable.Range(0, HostileText.Length).Reverse()];
        var hostile = SampleTrace.Of(HostileText, (at, [.. at.Skip(1).Select(_ => 0.5)])) with
        {
            Notices = ["<script>alert(1)</script>"],
        };
        var html = ComparePage.Render(
            hostile, One, new() { Title = "</title><b>", NameA = "<i>", NameB = "\"><img>" }).Html;
        Assert.Equal(2, Regex.Count(html, "<script"));
        Assert.Equal(2, Regex.Count(html, "</script"));
        Assert.DoesNotMatch("<(img|i>|!--)", html.Replace("<i></i>", "", StringComparison.Ordinal));
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
    }

    [Fact]
    public void Both_diagrams_have_as_many_pixels_per_share()
    {
        using var data = Data(ComparePage.Render(Five, One));
        foreach (var mode in (string[])["hops", "position"])
            Assert.Equal(HeightOfTarget(data, "a", mode), HeightOfTarget(data, "b", mode));
    }

    [Fact]
    public void Facts_that_differ_are_marked_and_others_said_once()
    {
        var html = ComparePage.Render(Five, One).Html;
        Assert.Contains("<div><dt>Tokens</dt><dd><bdi>20</bdi></dd></div>", html, StringComparison.Ordinal);
        Assert.Contains(
            "<dt>Paths differs:</dt><dd><b>A</b> <bdi>5 of at most 5</bdi> · <b>B</b>\n<bdi>1 of at most 5</bdi></dd>",
            html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_say_the_difference_in_words()
    {
        var html = ComparePage.Render(
            SampleTrace.Of(["a", " b", " c"], ([2, 0], [0.25])),
            SampleTrace.Of(["a", " b", " c"], ([2, 1], [0.25]))).Html;
        Assert.Contains(
            "<button data-pick=\"ae0\" aria-label=\"Link 1\">1</button><span class=\"muted\"> only A</span></td>"
            + "<td><bdi>·c</bdi> 2</td><td><bdi>a</bdi> 0</td><td>100.0 %</td><td>0.0 %</td>"
            + "<td><span class=\"more\" data-d=\"a4\">A &#x2B;100.0 points</span></td>",
            html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_steps_of_the_scale_are_named_beside_the_texts() => Assert.Contains(
        "steps at 0.05, 0.125, 0.25 and 0.5 points.", ComparePage.Render(Five, SampleTrace.Swapped()).Html,
        StringComparison.Ordinal);

    [Fact]
    public void Paths_are_written_earliest_token_first_with_positions_where_they_read_alike()
    {
        var html = ComparePage.Render(
            SampleTrace.Of(["a", "b", "b", "c"], ([3, 1, 0], [0.5, 0.5]), ([3, 2, 0], [0.5, 0.5]), ([3, 0], [0.5])),
            One).Html;
        Assert.Contains("<td><bdi>a</bdi> → <bdi>b</bdi>@1 → <bdi>c</bdi></td>", html, StringComparison.Ordinal);
        Assert.Contains("<td><bdi>a</bdi> → <bdi>c</bdi></td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_of_100000_paths_is_not_larger_than_one_of_200()
    {
        var few = Compared(200);
        Assert.InRange(Compared(100_000), few, few + 2000);

        static int Compared(int count)
        {
            var trace = SampleTrace.Of(
                SampleTrace.Sentence, [.. Enumerable.Repeat((new[] { 19, 4, 0 }, new[] { 0.25, 0.5 }), count)]);
            return ComparePage.Render(trace, trace).Html.Length;
        }
    }

    [Fact]
    public void The_page_ends_with_what_made_each_trace()
    {
        var html = ComparePage.Render(SampleTrace.Told(Five, 0, " a", 0.5), One with
        {
            Origin = new() { Version = "9" },
        }).Html;
        Assert.Contains("<footer>A: made by <bdi>RatIlgpu 1.2.3</bdi>: <code", html, StringComparison.Ordinal);
        Assert.Contains("<footer>B: made by <bdi>RatIlgpu 9</bdi></footer>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_traces_are_said_to_be_equal()
    {
        Assert.Contains("id=\"equal\"", ComparePage.Render(Five, Five).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"equal\"", ComparePage.Render(Five, One).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_notice_of_both_is_shown_once() => Assert.Equal(1, Regex.Count(
        ComparePage.Render(Five with { Notices = ["Same."] }, One with { Notices = ["Same."] }).Html,
        "<p class=\"notice\">A and B: Same.</p>"));

    [Fact]
    public void A_trace_without_paths_says_why()
    {
        var first = SampleTrace.Of(["a", " b"], ([0], []));
        var html = ComparePage.Render(first, SampleTrace.Of(["a", " b"])).Html;
        Assert.Contains("Position 0 is the first token.", html, StringComparison.Ordinal);
        Assert.Contains("No path leads to position 1", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_traces_give_the_same_page() =>
        Assert.Equal(ComparePage.Render(Five, One).Html, ComparePage.Render(Five, One).Html);

    static double HeightOfTarget(JsonDocument data, string side, string mode) => data.RootElement.GetProperty(side)
        .GetProperty("layouts").GetProperty(mode).GetProperty("bars").EnumerateArray().Last()[3].GetDouble();

    static string Script(string html) => Between(html, "<script type=\"module\">", "</script>");

    static string Style(string html) => Between(html, "<style>", "</style>");

    static JsonDocument Data(HtmlPage page) => PageData.Of(page.Html);
}
