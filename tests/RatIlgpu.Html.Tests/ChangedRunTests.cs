using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Html.Tests.Attention;
using RatIlgpu.Html.Tests.Flow;

namespace RatIlgpu.Html.Tests;

/// <summary>What pages and their data say about padding and interventions.</summary>
public sealed class ChangedRunTests
{
    const string Line = "zero HeadValue of layer 1, heads 0";

    static readonly ImmutableArray<int> Mask = [0, 0, .. Enumerable.Repeat(1, 18)];

    static TraceResult Trace { get; } = SampleTrace.FivePaths() with
    {
        Options = SampleTrace.FivePaths().Options with { AttentionMask = Mask },
        Interventions = [Line],
    };

    static FlowResult Flow { get; } = SampleFlow.FourPaths() with
    {
        Options = SampleFlow.FourPaths().Options with { AttentionMask = [0, 1, 0, 1, 1] },
        Interventions = [Line],
    };

    [Fact]
    public void A_page_of_a_trace_has_the_mask()
    {
        var html = TracePage.Render(Trace).Html;
        Assert.Contains("<dt>Ablated<dd>L1H0</div>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Padding<dd>positions 0, 1</div>", html, StringComparison.Ordinal);
        Assert.Equal(Mask, MaskOf(html, "data"));
        Assert.Null(MaskOf(TracePage.Render(SampleTrace.FivePaths()).Html, "data"));
    }

    [Fact]
    public void A_page_of_several_traces_has_the_mask_of_each_prompt()
    {
        var html = TracePage.Render([Trace, Trace with
        {
            Prompt = 1,
            Options = Trace.Options with { AttentionMask = null },
        }]).Html;
        Assert.Equal(Mask, MaskOf(html, "prompt-0"));
        Assert.Null(MaskOf(html, "prompt-1"));
    }

    [Fact]
    public void A_page_of_a_flow_has_the_mask()
    {
        var html = FlowPage.Render(Flow).Html;
        Assert.Contains("<dt>Ablated<dd>L1H0</div>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Padding<dd>positions 0, 2</div>", html, StringComparison.Ordinal);
        Assert.Equal([0, 1, 0, 1, 1], MaskOf(html, "data"));
    }

    [Fact]
    public void A_page_of_two_results_has_the_mask_of_each()
    {
        var html = ComparePage.Render(Trace, SampleTrace.FivePaths()).Html;
        Assert.Contains("<dt>Padding differs:</dt>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Ablated differs:</dt>", html, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.Equal(Mask, MaskOf(data.RootElement.GetProperty("a"), "mask"));
        Assert.Null(MaskOf(data.RootElement.GetProperty("b"), "mask"));
    }

    [Fact]
    public void JSON_of_two_results_has_what_changed_each()
    {
        using var traces = JsonDocument.Parse(CompareJson.Write(Trace, SampleTrace.FivePaths()));
        using var flows = JsonDocument.Parse(CompareJson.Write(Flow, SampleFlow.FourPaths()));
        Assert.Equal(Mask, MaskOf(traces.RootElement.GetProperty("a"), "attention_mask"));
        Assert.Equal([0, 1, 0, 1, 1], MaskOf(flows.RootElement.GetProperty("a"), "attention_mask"));
        foreach (var json in (JsonElement[])[traces.RootElement, flows.RootElement])
        {
            Assert.Equal(Line, Assert.Single(json.GetProperty("a").GetProperty("interventions").EnumerateArray())
                .GetString());
            Assert.Null(MaskOf(json.GetProperty("b"), "attention_mask"));
            Assert.Empty(json.GetProperty("b").GetProperty("interventions").EnumerateArray());
        }
    }

    [Fact]
    public void A_page_and_a_figure_of_an_explanation_have_what_changed_the_run()
    {
        ImmutableArray<ScoreAttribution> found =
        [
            .. SampleExplanation.Two.Select(one => one with
            {
                AttentionMask = [0, 1, 1, 1, 1, 1, 1, 1],
                Interventions = [Line],
            }),
        ];
        var html = ExplanationPage.Render(found, SampleExplanation.Text).Html;
        Assert.Contains("<dt>Ablated<dd>L1H0</div>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Padding<dd>position 0</div>", html, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        var prompt = data.RootElement.GetProperty("prompts")[0];
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1], MaskOf(prompt, "mask"));
        Assert.Equal(Line, prompt.GetProperty("interventions")[0].GetString());
        var figure = ExplanationPage.ToSvg(found[0], SampleExplanation.Text);
        Assert.Contains(">Ablated L1H0<", figure, StringComparison.Ordinal);
        Assert.Contains(">Padding position 0<", figure, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_of_the_lens_and_of_heads_have_what_changed_the_run()
    {
        var lens = SampleLens.TwoPrompts().Prompts[1] with { Interventions = [Line] };
        Says(LensPage.ToSvg(lens, SampleLens.Token));
        var plain = LensPage.ToSvg(SampleLens.Reading(), SampleLens.Token);
        Assert.DoesNotContain(">Padding", plain, StringComparison.Ordinal);
        foreach (var heads in (int[])[1, 2])
        {
            var builder = new AttentionPageBuilder(new() { Interventions = [[Line]] });
            builder.BeginPrompt(SampleHeads.Tokens(3), [0, 1, 1]);
            for (var head = 0; head < heads; head++)
                builder.Add(SampleHeads.Head(head, 3));
            Says(builder.ToSvg());
        }

        static void Says(string figure)
        {
            Assert.Contains(">Ablated L1H0<", figure, StringComparison.Ordinal);
            Assert.Contains(">Padding position 0<", figure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_page_of_the_lens_has_what_changed_each_run()
    {
        var two = SampleLens.TwoPrompts();
        var html = LensPage.Render(
            new LensBatch(two.Prompts[0] with { Interventions = [Line] }, two.Prompts[1]), SampleLens.Token).Html;
        Assert.Contains("<dt>Ablated<dd>prompt 1: L1H0</div>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Padding<dd>prompt 2: position 0</div>", html, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        var prompts = data.RootElement.GetProperty("prompts");
        Assert.Equal(Line, prompts[0].GetProperty("interventions")[0].GetString());
        Assert.False(prompts[1].TryGetProperty("interventions", out _));
    }

    [Fact]
    public void A_page_and_figures_of_patches_have_the_padding_of_each_pair()
    {
        PatchSheet[] sheets = [SamplePatches.Heads(_ => 1), SamplePatches.Paths(2, 2, SamplePatches.PathEffect)];
        foreach (var sheet in sheets)
        {
            var padded = sheet.Pairs[0] with { Padding = [0] };
            var one = sheet with { Pairs = [padded] };
            Assert.Contains(
                "<dt>Padding<dd>position 0</div>", PatchPage.Render(one, null).Html, StringComparison.Ordinal);
            Assert.Contains(">Padding position 0<", PatchPage.ToSvg(one, null), StringComparison.Ordinal);
            var two = sheet with { Pairs = [sheet.Pairs[0], padded] };
            Assert.Contains(
                "<dt>Padding<dd>pair 2: position 0</div>", PatchPage.Render(two, null).Html, StringComparison.Ordinal);
            Assert.DoesNotContain("<dt>Padding", PatchPage.Render(sheet, null).Html, StringComparison.Ordinal);
        }
    }

    static IEnumerable<int>? MaskOf(string html, string id)
    {
        using var data = PageData.Of(html, id);
        return MaskOf(data.RootElement, "mask");
    }

    static IEnumerable<int>? MaskOf(JsonElement element, string name) => element.TryGetProperty(name, out var mask)
        ? [.. mask.EnumerateArray().Select(entry => entry.GetInt32())]
        : null;
}
