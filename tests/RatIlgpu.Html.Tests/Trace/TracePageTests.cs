using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Text;
using RatIlgpu.Tracing;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class TracePageTests
{
    static readonly string[] HostileText = ["start", .. SampleTrace.Hostile, "end"];

    static TraceResult Hostile()
    {
        int[] at = [.. Enumerable.Range(0, HostileText.Length).Reverse()];
        return SampleTrace.Of(HostileText, (at, [.. at.Skip(1).Select(_ => 0.5)]));
    }

    [Fact]
    public void The_policy_allows_exactly_the_script_and_the_style_of_the_page()
    {
        var html = TracePage.Render(SampleTrace.FivePaths()).Html;
        var script = Between(html, "<script type=\"module\">", "</script>");
        var style = Between(html, "<style>", "</style>");
        Assert.Equal(
            $"default-src 'none'; script-src {Asset.PolicyHash(script)}; style-src {Asset.PolicyHash(style)}; "
            + "img-src data: blob:; base-uri 'none'; form-action 'none'",
            Between(html, "Content-Security-Policy\" content=\"", "\""));
    }

    [Fact]
    public void A_page_needs_nothing_from_outside()
    {
        var html = TracePage.Render(SampleTrace.FivePaths()).Html;
        Assert.DoesNotMatch(@"\s(src|srcset|style|on[a-z]+)=", Markup(html));
        Assert.DoesNotMatch(@"href=""(?!#)", html);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_tokens_stay_text()
    {
        var trace = Hostile() with { Notices = ["<script>alert(1)</script>"] };
        var html = TracePage.Render(trace, new() { Title = "</title><b>" }).Html;
        Assert.Equal(3, Regex.Count(html, "<script"));
        Assert.Equal(3, Regex.Count(html, "</script"));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
        Assert.Contains("<title>&lt;/title&gt;&lt;b&gt;</title>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_hold_every_token_as_it_is()
    {
        using var data = Data(TracePage.Render(Hostile()));
        // JSON has no lone halves of a character; runes replace them.
        Assert.Equal(
            HostileText.Select(text => string.Concat(text.EnumerateRunes())),
            data.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
    }

    [Fact]
    public void The_data_hold_every_number_of_a_path()
    {
        var trace = SampleTrace.FivePaths();
        using var data = Data(TracePage.Render(trace));
        foreach (var (path, json) in trace.Paths.Zip(data.RootElement.GetProperty("paths").EnumerateArray()))
        {
            Assert.Equal(path.Positions, json.GetProperty("at").EnumerateArray().Select(at => at.GetInt32()));
            var attentions = json.GetProperty("attention").EnumerateArray().Select(value => value.GetDouble()).ToList();
            Assert.Equal(path.EdgeAttentions.Length, attentions.Count);
            foreach (var (expected, found) in path.EdgeAttentions.Zip(attentions))
                IsToNineDigits(expected, found);
            IsToNineDigits(path.RawScore, json.GetProperty("raw").GetDouble());
            IsToNineDigits(path.Score, json.GetProperty("score").GetDouble());
        }

        static void IsToNineDigits(double expected, double found) =>
            Assert.Equal(expected, found, Math.Abs(expected) * 5e-9);
    }

    [Fact]
    public void Every_ribbon_names_the_link_it_runs_along()
    {
        var trace = SampleTrace.FivePaths();
        using var data = Data(TracePage.Render(trace));
        foreach (var layout in data.RootElement.GetProperty("layouts").EnumerateObject())
        {
            var steps = layout.Value.GetProperty("ribbons").EnumerateArray()
                .Select(ribbon => (Path: ribbon[0].GetInt32(), Link: ribbon[1].GetInt32())).ToList();
            Assert.Equal(trace.Paths.Sum(path => path.EdgeCount), steps.Count);
            Assert.All(steps, step => Assert.Contains(step.Path, trace.Sankey.Links[step.Link].PathIndices));
        }
    }

    [Fact]
    public void The_same_trace_gives_the_same_page() =>
        Assert.Equal(TracePage.Render(Hostile()).Html, TracePage.Render(Hostile()).Html);

    [Fact]
    public void The_table_shows_attention_share_and_the_product_apart()
    {
        var html = TracePage.Render(SampleTrace.Of(["a", " b", " c"], ([2, 0], [0.25]))).Html;
        Assert.Contains(
            "<td><bdi>·c</bdi> 2<td><bdi>a</bdi> 0<td>0.25000<td>100.0 %<td>0.25000<td>1\n",
            html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Model", "<bdi>qwen2-sample</bdi>")]
    [InlineData("Layer", "23 (of 0 to 23)")]
    [InlineData("Heads", "mean of all 14")]
    [InlineData("Target", "position 19")]
    [InlineData("Tokens", "20")]
    [InlineData("Paths", "5 of at most 5")]
    [InlineData("Top-k", "5")]
    [InlineData("Length norm", "avg_logprob")]
    public void Tells_what_was_traced(string name, string value) => Assert.Contains(
        $"<dt>{name}<dd>{value}</div>", TracePage.Render(SampleTrace.FivePaths()).Html, StringComparison.Ordinal);

    [Fact]
    public void The_title_is_that_of_the_options_or_of_the_trace()
    {
        var told = SampleTrace.Told(SampleTrace.FivePaths(), 0, " Mary", 0.5);
        Assert.Contains("<h1>Names &amp; places</h1>", TracePage.Render(told).Html, StringComparison.Ordinal);
        Assert.Contains(
            "<h1>Mine</h1>", TracePage.Render(told, new() { Title = "Mine" }).Html, StringComparison.Ordinal);
        Assert.Contains(
            "<h1>Attention trace</h1>", TracePage.Render(SampleTrace.FivePaths()).Html, StringComparison.Ordinal);
        Assert.Contains("<h1>Names &amp; places</h1>", ComparePage.Render(told, told).Html, StringComparison.Ordinal);
        Assert.Contains(
            "<h1>Two attention traces</h1>", ComparePage.Render(told, SampleTrace.FivePaths()).Html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_ends_with_the_program_and_the_command() => Assert.Contains(
        "<footer>Made by <bdi>RatIlgpu 1.2.3</bdi>: "
        + "<code dir=\"ltr\">ratilgpu trace &quot;When Mary&quot;</code></footer>",
        TracePage.Render(SampleTrace.Told(SampleTrace.FivePaths(), 0, " Mary", 0.5)).Html, StringComparison.Ordinal);

    [Theory]
    [InlineData("<dt>Score<dd>")]
    [InlineData("<dt>Share<dd>")]
    [InlineData("<dt>5 of at most 5<dd>")]
    [InlineData("<dt>· ↵ ⇥ ∅ ⟨E2 80⟩<dd>")]
    public void The_help_explains_words_and_signs(string term) => Assert.Contains(
        term, Between(TracePage.Render(SampleTrace.FivePaths()).Html, "<dialog id=\"help\"", "</dialog>"),
        StringComparison.Ordinal);

    [Fact]
    public void Shows_the_notices_of_the_trace() => Assert.Contains(
        "<p class=\"notice\">Two &lt; three.</p>",
        TracePage.Render(SampleTrace.FivePaths() with { Notices = ["Two < three."] }).Html, StringComparison.Ordinal);

    [Fact]
    public void Names_and_notices_are_seen_and_shortened()
    {
        var trace = SampleTrace.FivePaths();
        var html = TracePage.Render(trace with
        {
            Model = trace.Model with { Name = "Qwen\u202e\u001b\n" + new string('x', 1_000_000) },
            Notices = ["Look\u2067 " + new string('n', 1_000_000)],
        }).Html;
        Assert.Contains("<bdi>Qwen⟨202E⟩⟨001B⟩↵xxx", html, StringComparison.Ordinal);
        Assert.Contains("<p class=\"notice\">Look⟨2067⟩ nnn", html, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('x', 121), html, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('n', 1001), html, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_paths_the_page_has_the_strongest_and_says_so()
    {
        var trace = SampleTrace.Of(["a", " b", " c"], [.. Enumerable.Repeat((new[] { 2, 0 }, new[] { 0.25 }), 501)]);
        var page = TracePage.Render(trace with { Options = trace.Options with { TopBeam = 501 } });
        const string Notice = "Of 501 paths this page has the 200 strongest, 39.9 % of the weight, in its diagram, "
            + "tables and exports; the JSON file of the trace has all.";
        Assert.Contains($"<p class=\"notice\">{Notice}</p>", page.Html, StringComparison.Ordinal);
        Assert.Contains("<dd>501 of at most 501</div>", page.Html, StringComparison.Ordinal);
        using var data = PageData.Of(page.Html);
        Assert.Equal(200, data.RootElement.GetProperty("paths").GetArrayLength());
        foreach (var layout in data.RootElement.GetProperty("layouts").EnumerateObject())
            Assert.Equal(200, layout.Value.GetProperty("ribbons").GetArrayLength());
        var exported = TraceJson.Read(PageData.Unpacked(Between(page.Html, "id=\"file\">", "</script>")));
        Assert.Equal(200, exported.Paths.Length);
        Assert.Equal(
            ["Of 501 paths this file has the 200 strongest; their weights are shares among these."], exported.Notices);
    }

    [Fact]
    public void A_page_of_100000_paths_is_not_larger_than_one_of_200()
    {
        var few = Rendered(200);
        Assert.InRange(Rendered(100_000), few, few + 1000);

        static int Rendered(int count) => TracePage.Render(SampleTrace.Of(
            SampleTrace.Sentence, [.. Enumerable.Repeat((new[] { 19, 4, 0 }, new[] { 0.25, 0.5 }), count)]))
            .Html.Length;
    }

    [Fact]
    public void A_path_too_long_to_be_drawn_is_told_of()
    {
        int[] path = [.. Enumerable.Range(0, DrawnTrace.MostSteps + 2).Reverse()];
        var trace = SampleTrace.Of(path.Select(_ => "a"), (path, [.. path.Skip(1).Select(_ => 0.5)]));
        Assert.Contains(
            "<p class=\"notice\">The strongest path is too long for a page; ", TracePage.Render(trace).Html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_carries_the_trace_json_that_can_be_read_again()
    {
        var trace = SampleTrace.FivePaths();
        var block = Between(TracePage.Render(trace).Html, "id=\"file\">", "</script>");
        Assert.Equal(TraceJson.Write(trace), PageData.Unpacked(block));
    }

    // These are the budgets in docs/pages-performance.md; at 44 tokens random paths are longer than a model's, and have
    // a tenth more.
    [Theory]
    [InlineData(44, 5, 66_000)]
    [InlineData(2048, 20, 150_000)]
    [InlineData(8192, 20, 300_000)]
    public void A_page_keeps_its_budget_of_bytes(int tokens, int paths, int most)
    {
        var trace = SampleTrace.Random(tokens, paths, longest: 8);
        var html = TracePage.Render(trace).Html;
        Assert.InRange(Bytes(html), 10_000, most);
    }

    [Fact]
    public void Much_data_is_compressed_and_comes_back_as_it_was()
    {
        var trace = SampleTrace.Random(tokens: 4096, paths: 5, longest: 4);
        var page = TracePage.Render(trace);
        Assert.Contains("""<script type="application/octet-stream" id="data">""", page.Html, StringComparison.Ordinal);
        using var data = PageData.Of(page.Html);
        Assert.Equal(
            trace.Tokens.Select(token => token.Text),
            data.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
    }

    [Fact]
    public void Script_and_style_keep_their_budgets_of_bytes()
    {
        var html = TracePage.Render(SampleTrace.FivePaths()).Html;
        Assert.InRange(Bytes(Between(html, "<script type=\"module\">", "</script>")), 10_000, 40_000);
        Assert.InRange(Bytes(Between(html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Fact]
    public void A_token_of_a_million_letters_is_shown_in_part()
    {
        var trace = SampleTrace.Of(["a", new string('x', 1 << 20), " b"], ([2, 1, 0], [0.5, 0.5]));
        var html = TracePage.Render(trace).Html;
        Assert.InRange(html.Length, 10_000, 80_000);
        Assert.Contains($"<bdi>{new string('x', 40)}…</bdi>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("</script>")]
    [InlineData("\"<img src=x onerror=alert(1)>")]
    [InlineData("\u0301")]
    [InlineData("\u202e\u200d")]
    [InlineData("👩‍🚀")]
    [InlineData("\0\r\n")]
    public void A_hostile_token_of_a_megabyte_stays_text(string text)
    {
        var token = string.Concat(Enumerable.Repeat(text, (1 << 20) / text.Length));
        var html = TracePage.Render(SampleTrace.Of(["a", token, " b"], ([2, 1, 0], [0.5, 0.5]))).Html;
        Assert.InRange(html.Length, 10_000, 200_000);
        Assert.Equal(3, Regex.Count(html, "<script"));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.Equal(token, data.RootElement.GetProperty("tokens")[1].GetString());
    }

    [Fact]
    public void The_first_token_has_no_path_and_the_page_says_why()
    {
        var html = TracePage.Render(SampleTrace.Of(["a", " b"], ([0], []))).Html;
        Assert.Contains("Position 0 is the first token.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_minimum_that_no_path_reaches_is_named_as_the_reason()
    {
        var trace = SampleTrace.Of(["a", " b"]);
        var html = TracePage.Render(trace with { Options = trace.Options with { MinAttention = 0.5 } }).Html;
        Assert.Contains("none has an attention of 0.5 or more", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_with_nothing_before_it_to_attend_to_says_so()
    {
        var html = TracePage.Render(SampleTrace.Of(["a", " b"], ([1], []))).Html;
        Assert.Contains("nothing before it may be attended to", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_without_any_path_is_a_page_of_its_own_state()
    {
        using var data = Data(TracePage.Render(SampleTrace.Of(["a", " b"])));
        Assert.All(data.RootElement.GetProperty("layouts").EnumerateObject(), layout =>
            Assert.Equal(0, layout.Value.GetProperty("bars").GetArrayLength()));
    }

    [Fact]
    public void A_trace_with_paths_makes_no_excuses() => Assert.DoesNotContain(
        "id=\"empty\"", TracePage.Render(SampleTrace.FivePaths()).Html, StringComparison.Ordinal);

    [Fact]
    public void Shows_the_bytes_of_a_part_of_a_character()
    {
        var trace = SampleTrace.Of(["a", "?", " b"], ([2, 1, 0], [0.5, 0.5]));
        var tokens = trace.Tokens.Items.SetItem(1, new TokenText(7, "\ufffd", [0xE2, 0x80]));
        var html = TracePage.Render(trace with { Tokens = tokens }).Html;
        Assert.Contains("<bdi>⟨E2 80⟩</bdi> 1", html, StringComparison.Ordinal);
    }

    static string Markup(string html) => Between(html, "<body>", "<script");

    static JsonDocument Data(HtmlPage page) => PageData.Of(page.Html);
}
