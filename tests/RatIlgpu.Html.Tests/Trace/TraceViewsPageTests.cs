using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Tracing;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class TraceViewsPageTests
{
    static readonly ImmutableArray<TraceResult> Three =
    [
        At(3, ([19, 18, 0], [0.5, 0.75])),
        At(7, ([19, 15, 4, 0], [0.25, 0.5, 0.5]), ([19, 4, 0], [0.125, 0.5])),
        At(11, ([19, 17, 10], [0.2, 0.3])),
    ];

    static readonly string Html = TracePage.Render(Three).Html;

    [Fact]
    public void A_page_of_one_layer_in_a_list_is_the_page_of_that_layer() =>
        Assert.Equal(TracePage.Render(Three[0]).Html, TracePage.Render([Three[0]]).Html);

    [Fact]
    public void The_tokens_of_a_prompt_are_in_the_page_once()
    {
        using var prompt = Block(Html, "prompt-0");
        Assert.Equal(20, prompt.RootElement.GetProperty("tokens").GetArrayLength());
        using var data = PageData.Of(Html);
        Assert.False(data.RootElement.TryGetProperty("tokens", out _));
        Assert.DoesNotContain("id=\"prompt-1\"", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_view_has_the_data_it_would_have_alone()
    {
        foreach (var (index, trace) in Three.Index())
        {
            using var view = Block(Html, $"view-{index}");
            using var alone = PageData.Of(TracePage.Render(trace).Html);
            Assert.Equal(trace.Layer, view.RootElement.GetProperty("layer").GetInt32());
            Assert.Equal(index, view.RootElement.GetProperty("view").GetInt32());
            string[] own = ["view", "facts", "notices"];
            foreach (var member in view.RootElement.EnumerateObject().Where(member => !own.Contains(member.Name)))
                Assert.Equal(alone.RootElement.GetProperty(member.Name).GetRawText(), member.Value.GetRawText());
        }
    }

    [Fact]
    public void The_slider_stands_at_the_last_layer_and_the_facts_agree()
    {
        Assert.Matches("""<input id="layer" type="range" min="0" max="2" step="1" value="2"\s""", Html);
        Assert.Contains("<output id=\"layer-shown\" for=\"layer\">11</output>", Html, StringComparison.Ordinal);
        Assert.Contains("<dt>Layer<dd>11 (of 0 to 23)</div>", Html, StringComparison.Ordinal);
        Assert.Contains("<dt>Paths<dd>1 of at most 5</div>", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_is_there_only_where_there_is_a_choice()
    {
        var one = TracePage.Render(Three[0]).Html;
        var heads = TracePage.Render(SampleTrace.LayersAndHeads()).Html;
        var prompts = TracePage.Render(SampleTrace.ThreePrompts()).Html;
        (string Mark, bool[] Expected)[] controls =
        [
            ("id=\"layer\"", [false, true, true, false]), ("<kbd>,</kbd>", [false, true, true, false]),
            ("id=\"heads\"", [false, false, true, false]), ("<kbd>&lt;</kbd>", [false, false, true, false]),
            ("id=\"target\"", [false, false, false, true]), ("<kbd>(</kbd>", [false, false, false, true]),
            ("id=\"prompt\"", [false, false, false, true]), ("<kbd>{</kbd>", [false, false, false, true]),
            ("id=\"prompts\"", [false, false, false, true]), ("valuesOf", [false, true, true, true]),
        ];
        foreach (var (mark, expected) in controls)
            Assert.Equal(
                expected,
                new[] { one, Html, heads, prompts }.Select(page => page.Contains(mark, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_table_has_the_links_of_the_opening_view_without_script() =>
        Assert.Equal(Three[^1].Sankey.Links.Length, Regex.Count(Html, "<tr><td><button>"));

    [Fact]
    public void Each_view_offers_what_its_file_holds()
    {
        var first = Unpack(Html, "file-0");
        Assert.Equal(TraceJson.Write(Three[0]), first);
        for (var i = 1; i < Three.Length; i++)
            Assert.Equal(TraceJson.Write(Three[i]), Joined(first, Unpack(Html, $"file-0-{i}")));
    }

    [Fact]
    public void A_long_prompt_is_in_the_page_hardly_more_than_once()
    {
        var trace = SampleTrace.Random(8192, 5, longest: 8);
        var layers = Enumerable.Range(0, 6)
            .Select(layer => trace with { Options = trace.Options with { Layer = layer } });
        var one = TracePage.Render(trace).Html;
        var six = TracePage.Render([.. layers]).Html;

        // What the target attends to is one number for each token, and no layer's is another's.
        var targets = 5 * (9 + 3) * 8192;
        Assert.InRange(six.Length - one.Length, 0, targets + 150_000);
    }

    [Fact]
    public void A_view_without_paths_says_why_when_it_is_shown()
    {
        var empty = At(12) with { Options = Three[2].Options with { Layer = 12, MinAttention = 0.5 } };
        var full = Three[2] with { Options = Three[2].Options with { MinAttention = 0.5 } };
        var html = TracePage.Render([full, empty]).Html;
        Assert.Contains("id=\"empty\">No path leads to position 19", html, StringComparison.Ordinal);
        using var view = Block(html, "view-0");
        Assert.False(view.RootElement.TryGetProperty("empty", out _));
        using var last = Block(html, "view-1");
        Assert.StartsWith("No path leads", last.RootElement.GetProperty("empty").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Views_are_ordered_by_prompt_target_layer_and_heads_however_they_come()
    {
        var traces = SampleTrace.ThreePrompts();
        var views = new TraceViews([.. traces.Reverse()]);
        Assert.Equal(traces, views.Prompts.SelectMany(prompt => prompt.Results));
        Assert.Equal([1, 2, 3], views.Prompts.Select(prompt => prompt.Number));
        Assert.Equal([0, 1, 2], views.Prompts.Select(prompt => prompt.First));
        Assert.Equal([9, 19], views.Prompts[2].Targets);
        Assert.StartsWith(
            "<|endoftext|>When Mary and John went to the shops", views.Prompts[2].Label, StringComparison.Ordinal);
        Assert.Equal("3 prompts × 2 targets", views.ToString());
    }

    [Fact]
    public void Prompts_of_one_number_are_numbered_anew()
    {
        var views = new TraceViews([.. SampleTrace.ThreePrompts().Select(trace => trace with { Prompt = 0 })]);
        Assert.Equal([1, 2, 3], views.Prompts.Select(prompt => prompt.Number));
        Assert.Equal([1, 1, 2], views.Prompts.Select(prompt => prompt.Results.Length));
    }

    [Fact]
    public void Tokens_under_another_mask_are_another_prompt()
    {
        var options = Three[0].Options with { AttentionMask = [0, .. Enumerable.Repeat(1, 19)] };
        var masked = Three[0] with { Options = options };
        Assert.Equal(2, new TraceViews([Three[0], masked]).Prompts.Length);
    }

    [Fact]
    public void The_table_of_prompts_has_predictions_best_paths_and_their_spread()
    {
        var html = TracePage.Render(SampleTrace.ThreePrompts()).Html;
        var table = Between(html, "id=\"prompts\"", "</section>");
        Assert.Contains(
            "<button data-prompt=\"2\">2: When Tom and Anna went to the beach Tom</button><td>8<td><bdi>·Anna</bdi>"
            + "<td>50.0 %",
            table, StringComparison.Ordinal);
        Assert.Contains("<td>50.0 ± 25.0 %<td>", table, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(table, "data-prompt="));
    }

    [Theory]
    [InlineData(new double[] { 1, 3 }, "2.0 ± 1.4 %")]
    [InlineData(new double[] { 2, 2, 2 }, "2.0 ± 0.0 %")]
    [InlineData(new double[] { 1, double.NaN, 3 }, "2.0 ± 1.4 % (2)")]
    [InlineData(new double[] { double.NaN, 3 }, "3.0 % (1)")]
    [InlineData(new double[] { double.NaN, double.NaN }, "–")]
    public void The_spread_is_the_deviation_of_the_known_numbers(double[] numbers, string shown) => Assert.Equal(
        shown,
        PromptTable.Spread([.. numbers.Select(number => double.IsNaN(number) ? null : (double?)number)], "F1", " %"));

    [Fact]
    public void No_trace_is_refused() => Assert.All<Func<HtmlPage>>(
        [() => TracePage.Render([]), () => TracePage.Render(default(ImmutableArray<TraceResult>))],
        render => Assert.Equal(
            "There is no trace to show: at least one is needed.", Assert.Throws<ArgumentException>(render).Message));

    [Fact]
    public void A_trace_that_comes_twice_is_refused() => Assert.Equal(
        "Prompt 1 has 2 traces of position 19, layer 7, heads mean; a page needs one of each of its positions with "
        + "each of its layers and heads.",
        Assert.Throws<ArgumentException>(() => TracePage.Render([At(3), At(7), At(7)])).Message);

    [Fact]
    public void A_combination_that_lacks_is_refused() => Assert.Equal(
        "Prompt 1 has 0 traces of position 19, layer 7, heads 2; a page needs one of each of its positions with "
        + "each of its layers and heads.",
        Assert.Throws<ArgumentException>(() => TracePage.Render(SampleTrace.LayersAndHeads()[..^1])).Message);

    [Theory]
    [InlineData("another model")]
    [InlineData("other options")]
    [InlineData("other interventions")]
    public void Traces_that_differ_in_more_than_the_view_are_refused(string what)
    {
        var (first, second) = (Three[0], Three[1]);
        var other = what switch
        {
            "another model" => second with { Model = new("other", 24, 14) },
            "other interventions" => second with { Interventions = ["L0H0 = 0"] },
            _ => second with { Options = second.Options with { TopK = 9 } },
        };
        Assert.Equal(
            $"Trace 1 has {what} than trace 0; the traces of a page differ only in prompt, position, layer and heads.",
            Assert.Throws<ArgumentException>(() => TracePage.Render([first, other])).Message);
    }

    [Fact]
    public void A_page_that_would_be_too_large_is_refused_with_sizes_and_a_cure()
    {
        var views = new TraceViews(SampleTrace.LayersAndHeads());
        var blocks = Enumerable.Range(0, 6).Select(i => new DataBlock($"view-{i}", "", new('x', 400_000)));
        Assert.Equal(
            "The data of the page take 2.4 MB for its 6 traces (2 layers × 3 choices of heads), and may take 1.0 MB in "
            + "all. Choose fewer prompts, positions, layers or heads, or write several pages.",
            Assert.Throws<ArgumentException>(() => views.Collect(blocks, most: 1_000_000)).Message);
        var one = new TraceViews([Three[0]]);
        Assert.Equal(
            "The data of the page take 2.4 MB for its trace, and may take 0.3 MB in all. Trace a shorter prompt.",
            Assert.Throws<ArgumentException>(() => one.Collect(blocks, most: 300_000)).Message);
    }

    [Fact]
    public void The_same_traces_give_the_same_page() => Assert.Equal(
        TracePage.Render(SampleTrace.ThreePrompts()).Html, TracePage.Render(SampleTrace.ThreePrompts()).Html);

    [Fact]
    public void Script_and_style_keep_their_budgets_with_several_layers()
    {
        Assert.InRange(Bytes(Between(Html, "<script type=\"module\">", "</script>")), 10_000, 44_000);
        Assert.InRange(Bytes(Between(Html, "<style>", "</style>")), 5_000, 16_000);
    }

    [Theory]
    [InlineData("Width")]
    [InlineData("Colours")]
    [InlineData("dashed")]
    [InlineData("Heat")]
    [InlineData("<kbd>Esc</kbd>")]
    [InlineData("<kbd>,</kbd>")]
    [InlineData("help-close")]
    public void Help_is_a_dialog_that_names_the_keys_and_the_marks(string word) =>
        Assert.Contains(word, Between(Html, "<dialog id=\"help\"", "</dialog>"), StringComparison.Ordinal);

    static TraceResult At(int layer, params (int[] At, double[] Attention)[] paths)
    {
        var trace = SampleTrace.Of(SampleTrace.Sentence, paths);
        return trace with
        {
            Options = trace.Options with { Layer = layer },
            Sankey = SankeyGraph.Build(trace.Paths, trace.PathWeights, layer, trace.Tokens),
        };
    }

    static string Joined(string first, string parts)
    {
        var lines = first.Split('\n');
        using var json = JsonDocument.Parse(parts);
        return string.Join('\n', json.RootElement.EnumerateArray().Select(part =>
            part.ValueKind == JsonValueKind.String
                ? part.GetString()
                : string.Join('\n', lines.AsSpan(part[0].GetInt32(), part[1].GetInt32()))));
    }

    static string Unpack(string html, string id)
    {
        var packed = Convert.FromBase64String(Between(html, $"id=\"{id}\">", "</script>"));
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    static JsonDocument Block(string html, string id)
    {
        var block = Between(html, $"id=\"{id}\">", "</script>");
        return JsonDocument.Parse(block.StartsWith('{') ? block : Unpack(html, id));
    }
}
