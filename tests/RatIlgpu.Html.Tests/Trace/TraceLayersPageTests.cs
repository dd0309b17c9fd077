using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class TraceLayersPageTests
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
    public void The_tokens_are_in_the_data_once()
    {
        using var data = Data(Html);
        Assert.Equal(20, data.RootElement.GetProperty("tokens").GetArrayLength());
        Assert.Single(Regex.Matches(data.RootElement.GetRawText(), "endoftext"));
    }

    [Fact]
    public void Each_layer_has_the_data_it_would_have_alone()
    {
        using var data = Data(Html);
        foreach (var (trace, layer) in Three.Zip(data.RootElement.GetProperty("layers").EnumerateArray()))
        {
            using var alone = Data(TracePage.Render(trace).Html);
            Assert.Equal(trace.Layer, layer.GetProperty("layer").GetInt32());
            foreach (var member in layer.EnumerateObject())
                Assert.Equal(alone.RootElement.GetProperty(member.Name).GetRawText(), member.Value.GetRawText());
        }
    }

    [Fact]
    public void The_slider_stands_at_the_last_layer_and_the_facts_agree()
    {
        Assert.Matches("""<input id="layer" type="range" min="0" max="2" step="1"\s+value="2" """, Html);
        Assert.Contains("<output id=\"layer-shown\" for=\"layer\">11</output>", Html, StringComparison.Ordinal);
        Assert.Contains("<span id=\"layer-fact\">11</span> (of 0 to 23)", Html, StringComparison.Ordinal);
        Assert.Contains("<span id=\"paths-fact\">1</span> of at most 5", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void One_layer_needs_no_slider()
    {
        var html = TracePage.Render(Three[0]).Html;
        Assert.DoesNotContain("type=\"range\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<kbd>,</kbd>", html, StringComparison.Ordinal);
        Assert.Contains("<kbd>,</kbd>", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_the_links_of_every_layer_without_script()
    {
        Assert.Equal(3, Regex.Count(Html, "<tbody>"));
        foreach (var trace in Three)
        {
            var body = Between(Html, $"scope=\"rowgroup\">Layer {trace.Layer}", "</tbody>");
            Assert.Equal(trace.Sankey.Links.Length, Regex.Count(body, "<tr><td><button>"));
        }
    }

    [Fact]
    public void Each_layer_offers_what_its_file_holds()
    {
        var first = Unpack(Html, "trace-json");
        Assert.Equal(TraceJson.Write(Three[0]), first);
        for (var i = 1; i < Three.Length; i++)
            Assert.Equal(TraceJson.Write(Three[i]), Joined(first, Unpack(Html, $"trace-json-{i}")));
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
    public void A_layer_without_paths_says_why_when_it_is_shown()
    {
        var empty = At(12) with { Options = Three[2].Options with { Layer = 12, MinAttention = 0.5 } };
        var full = Three[2] with { Options = Three[2].Options with { MinAttention = 0.5 } };
        var html = TracePage.Render([full, empty]).Html;
        Assert.Contains("id=\"empty\">No path leads to position 19", html, StringComparison.Ordinal);
        using var data = Data(html);
        var layers = data.RootElement.GetProperty("layers");
        Assert.False(layers[0].TryGetProperty("empty", out _));
        Assert.StartsWith("No path leads", layers[1].GetProperty("empty").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_trace_is_refused() => Assert.Equal(
        "There is no trace to show: at least one is needed.",
        Assert.Throws<ArgumentException>(() => TracePage.Render(ImmutableArray<TraceResult>.Empty)).Message);

    [Theory]
    [InlineData(3, 7)]
    [InlineData(7, 7)]
    public void Layers_that_do_not_ascend_are_refused(int layer, int before) => Assert.Equal(
        $"The trace of layer {layer} follows that of layer {before}, expected ascending layers.",
        Assert.Throws<ArgumentException>(() => TracePage.Render([At(before), At(layer)])).Message);

    [Theory]
    [InlineData("token")]
    [InlineData("model")]
    [InlineData("option")]
    public void Traces_that_differ_in_more_than_the_layer_are_refused(string what)
    {
        var (first, second) = (Three[0], Three[1]);
        var other = what switch
        {
            "token" => second with { Tokens = second.Tokens.Items.SetItem(0, new TokenText(7, "x", [])) },
            "model" => second with { Model = new("other", 24, 14) },
            _ => second with { Options = second.Options with { TopK = 9 } },
        };
        Assert.Equal(
            "The traces of the layers 3 and 7 differ in more than the layer, "
            + "expected the same model, tokens and options.",
            Assert.Throws<ArgumentException>(() => TracePage.Render([first, other])).Message);
    }

    [Fact]
    public void Script_and_style_keep_their_budgets_with_several_layers()
    {
        Assert.InRange(Bytes(Between(Html, "<script type=\"module\">", "</script>")), 10_000, 40_000);
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

    [Fact]
    public void The_help_of_one_layer_names_no_keys_for_layers() =>
        Assert.DoesNotContain("<kbd>,</kbd>", TracePage.Render(Three[0]).Html, StringComparison.Ordinal);

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

    static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    static string Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }

    static JsonDocument Data(string html) => PageData.Of(html);
}
