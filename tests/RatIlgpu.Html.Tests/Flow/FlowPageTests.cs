using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Tracing;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Flow;

public sealed class FlowPageTests
{
    static readonly FlowResult Four = SampleFlow.FourPaths();

    [Fact]
    public void A_page_needs_nothing_from_outside() => IsAlone(FlowPage.Render(Four).Html);

    [Fact]
    public void Script_and_style_keep_their_budgets_of_bytes()
    {
        var html = FlowPage.Render(Four).Html;
        Assert.InRange(Bytes(Between(html, "<script type=\"module\">", "</script>")), 10_000, 40_000);
        Assert.InRange(Bytes(Between(html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Fact]
    public void Hostile_tokens_and_names_stay_text()
    {
        string[] words = ["start", .. SampleTrace.Hostile, "end"];
        var end = words.Length - 1;
        var hostile = SampleFlow.Of(
            words, [.. words.Select(_ => 1.0 / words.Length)],
            [.. words.Select((_, i) => (1.0 / words.Length, new[] { end, i, i }))]) with
        {
            Notices = ["<script>alert(1)</script>"],
            Model = new("</script><b>", 2, 8),
        };
        var html = FlowPage.Render(hostile, new() { Title = "</title><b>" }).Html;
        Assert.Equal(3, Regex.Count(html, "<script"));
        Assert.Equal(3, Regex.Count(html, "</script"));
        Assert.DoesNotMatch("<(img|b>|!--)", html);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\u202e', html);
    }

    [Theory]
    [InlineData("Layers", "0 to 3 (of 0 to 3)")]
    [InlineData("Flow", "norm: what attention brings")]
    [InlineData("Target", "position 4")]
    [InlineData("Tokens", "5")]
    [InlineData("Paths", "4 of at most 5, 75.0 % of the whole")]
    public void Tells_what_was_traced(string name, string value) =>
        Assert.Contains($"<dt>{name}<dd>{value}</div>", FlowPage.Render(Four).Html, StringComparison.Ordinal);

    [Fact]
    public void The_tables_have_moves_and_exact_shares()
    {
        var html = FlowPage.Render(Four).Html;
        Assert.Contains(
            "<td><bdi>\u2068When\u2069 –L1→ \u2068·Mary\u2069 –L3→ \u2068·to\u2069</bdi><td>20 %<td>-1.6094\n",
            Decoded(html), StringComparison.Ordinal);
        Assert.Contains(
            "<button data-pick=\"n0\">0</button><td><bdi>When</bdi><td>30.0 %<td>20 %\n", html,
            StringComparison.Ordinal);
        // The largest share comes first.
        Assert.Equal(
            ["n0", "n1", "n4", "n3", "n2"],
            Regex.Matches(html, "data-pick=\"(n\\d)\"").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void Paths_that_read_alike_have_positions()
    {
        var flow = SampleFlow.Of(["a", "b", "b"], [0.5, 0.25, 0.25], (0.5, [2, 0]), (0.25, [2, 1]), (0.25, [2, 2]));
        var same = SampleFlow.Of(["a", "a", "b"], [0.5, 0.25, 0.25], (0.5, [2, 0]), (0.25, [2, 1]), (0.25, [2, 2]));
        Assert.DoesNotContain("\u2069@", Decoded(FlowPage.Render(flow).Html), StringComparison.Ordinal);
        Assert.Contains(
            "\u2068a\u2069@1 –L0→ \u2068b\u2069@2", Decoded(FlowPage.Render(same).Html), StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_have_places_shares_and_one_link_for_each_step()
    {
        using var data = PageData.Of(FlowPage.Render(Four).Html);
        var root = data.RootElement;
        Assert.Equal(Four.Shares, root.GetProperty("shares").EnumerateArray().Select(share => share.GetDouble()));
        Assert.Equal([24, 16, 11, 6, 1], Numbers(root.GetProperty("paths")[0].GetProperty("at")));
        var links = root.GetProperty("links").EnumerateArray().ToArray();
        Assert.Equal(
            Four.Paths.SelectMany(path => path.Positions.Skip(1).Select(
                (from, step) => (step, from, path.Positions[step]))).Distinct().Count(), links.Length);
        Assert.Equal([0, 1], Numbers(links[0].GetProperty("paths")));
        var layout = root.GetProperty("layouts").GetProperty("layers");
        Assert.Equal([0, 1, 3, 4], layout.GetProperty("lanes").EnumerateArray().Select(lane => lane[0].GetInt32()));
        Assert.Equal(
            ["L0", "L1", "L2", "L3"], layout.GetProperty("heads").EnumerateArray().Select(head => head[1].GetString()));
    }

    [Fact]
    public void The_exported_file_is_that_of_the_library() => Assert.Equal(
        FlowJson.Write(Four),
        PageData.Unpacked(Between(FlowPage.Render(Four).Html, "id=\"file\">", "</script>")));

    [Fact]
    public void A_page_of_several_has_a_view_and_a_file_for_each_and_opens_at_the_last_target()
    {
        var html = FlowPage.Render(Pair()).Html;
        Assert.Contains("id=\"prompt\"", html, StringComparison.Ordinal);
        foreach (var id in (string[])["view-0", "view-1", "view-2", "file-0", "file-0-1", "file-1", "prompt-1"])
            Assert.Contains($"id=\"{id}\"", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Target<dd>position 4</div>", html, StringComparison.Ordinal);
        Assert.Equal(4, FlowPage.OpeningOf(Pair()).TargetPosition);
    }

    [Fact]
    public void The_table_of_prompts_has_probabilities_and_no_mean()
    {
        var seldom = SampleFlow.Of(SampleFlow.Words, [0.4, 0.6], (0.0000003, [1, 0, 0, 0, 0])) with { Prompt = 1 };
        var html = FlowPage.Render([Four with { Paths = [Four.Paths[1]] }, seldom]).Html;
        var prompts = Between(html, "id=\"prompts\"", "</section>");
        Assert.Contains("<td>30.0 %<td><bdi>", prompts, StringComparison.Ordinal);
        Assert.Contains("</bdi><td>20 %\n", prompts, StringComparison.Ordinal);
        Assert.Contains("</bdi><td>0.00003 %\n", prompts, StringComparison.Ordinal);
        Assert.DoesNotContain("spread", prompts, StringComparison.Ordinal);
        Assert.DoesNotContain("±", prompts, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.Equal(
            0.0000003, data.RootElement.GetProperty("prompts")[1].GetProperty("rows")[0][3].GetDouble());
    }

    [Fact]
    public void Flows_that_do_not_belong_on_one_page_are_refused()
    {
        Assert.Equal(
            "Flow 1 has other options than flow 0; the flows of a page differ only in prompt and position.",
            Refused(Four, Four with { Options = Four.Options with { Method = FlowMethod.Rollout } }));
        Assert.Equal(
            "Prompt 1 has two flows of position 4; a page has one of each of its positions.", Refused(Four, Four));
        Assert.Equal("There is no flow to show: at least one is needed.", Refused());

        static string Refused(params FlowResult[] flows) =>
            Assert.Throws<ArgumentException>(() => FlowPage.Render(flows)).Message;
    }

    [Fact]
    public void A_page_that_is_too_large_is_refused() => Assert.StartsWith(
        "The data of the page take ",
        Assert.Throws<ArgumentException>(() => FlowPage.Render(Four, new() { MaxBytes = 100 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_page_draws_200_paths_and_says_how_many_there_are()
    {
        // All ways from the last of 24 tokens to another token in one layer, and to an earlier one in the next.
        var ways =
            from middle in Enumerable.Range(0, 24)
            from first in Enumerable.Range(0, middle + 1)
            select (0.001, new[] { 23, middle, first });
        var many = SampleFlow.Of(Enumerable.Repeat("to", 24), [.. Enumerable.Repeat(1.0 / 24, 24)], [.. ways]);
        many = many with { Options = many.Options with { TopBeam = 300 } };
        var html = FlowPage.Render(many).Html;
        Assert.Contains(
            "Of 300 paths this page has the 200 most probable", html, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.Equal(200, data.RootElement.GetProperty("paths").GetArrayLength());
        // The exported file is one that can be read again.
        var file = PageData.Unpacked(Between(html, "id=\"file\">", "</script>"));
        Assert.Equal(200, FlowJson.Read(new MemoryStream(Encoding.UTF8.GetBytes(file))).Paths.Length);
    }

    [Fact]
    public void A_flow_without_paths_says_why_and_shows_its_shares()
    {
        var none = SampleFlow.Of(SampleFlow.Words, [0.5, 0.25, 0.25]);
        var html = FlowPage.Render(none with { Options = none.Options with { MinShare = 0.9 } }).Html;
        Assert.Contains("No path is as probable as the least share of 0.9.", html, StringComparison.Ordinal);
        Assert.Contains("<td><bdi>When</bdi><td>50.0 %", html, StringComparison.Ordinal);
        Assert.Contains("No path is as probable", FlowPage.ToSvg(none), StringComparison.Ordinal);
    }

    [Fact]
    public void The_explanation_is_open_where_it_is_asked_for()
    {
        const string Explanation = "class=\"card explain\"";
        var asked = FlowPage.Render(Four, new() { HelpText = true });
        Assert.Contains(Explanation, asked.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(Explanation, FlowPage.Render(Four).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_figure_names_lanes_layers_and_paths()
    {
        var svg = FlowPage.ToSvg(Four, new() { Title = "A & B" });
        Assert.Equal(svg, FlowPage.ToSvg(Four, new() { Title = "A & B" }));
        Assert.Contains("<title>A &amp; B</title>", svg, StringComparison.Ordinal);
        foreach (var text in (string[])[">L0<", ">L3<", ">·Mary<", ">probability 20 %<"])
            Assert.Contains(text, svg, StringComparison.Ordinal);
        Assert.NotEqual(svg, FlowPage.ToSvg(Four, new() { Title = "A & B", Theme = PageTheme.Dark }));
    }

    [Fact]
    public void Without_a_title_page_and_figure_have_that_of_the_origin_they_name()
    {
        var told = Four with { Origin = new() { Title = "Of the flow" } };
        Assert.Contains("<h1>Of the flow</h1>", FlowPage.Render(told).Html, StringComparison.Ordinal);
        FlowPageOptions options = new() { Origin = new() { Title = "Of the page" } };
        Assert.Contains("<h1>Of the page</h1>", FlowPage.Render(told, options).Html, StringComparison.Ordinal);
        Assert.Contains("<title>Of the page</title>", FlowPage.Render(told, options).Html, StringComparison.Ordinal);
        Assert.Contains("<title>Of the page</title>", FlowPage.ToSvg(told, options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_title_is_clipped_in_the_figure()
    {
        var svg = FlowPage.ToSvg(Four, new() { Title = new('m', 300) });
        var shown = Between(svg, "font-weight=\"600\">", "</text>");
        Assert.InRange(shown.Length, 20, 110);
        Assert.EndsWith("…", shown, StringComparison.Ordinal);
    }

    static ImmutableArray<FlowResult> Pair() =>
    [
        SampleFlow.Swapped() with { Prompt = 1 },
        Four,
        SampleFlow.Of(SampleFlow.Words, [0.5, 0.5], (0.5, [1, 1, 1, 1, 1]), (0.25, [1, 0, 0, 0, 0])),
    ];

    static IEnumerable<int> Numbers(JsonElement list) => list.EnumerateArray().Select(item => item.GetInt32());

    static string Decoded(string html) => System.Net.WebUtility.HtmlDecode(html);
}
