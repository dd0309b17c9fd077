using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Html.Tests.Flow;

namespace RatIlgpu.Browser.Tests;

/// <summary>Padding is struck through in the text of every page.</summary>
public sealed class PaddingTests(Chromium chromium) : PageTests(chromium)
{
    static readonly TraceResult Masked = SampleTrace.FivePaths() with
    {
        Options = SampleTrace.FivePaths().Options with { AttentionMask = [0, 0, .. Enumerable.Repeat(1, 18)] },
    };

    [Fact]
    public void Padding_of_a_trace_is_struck_through_and_told_to_a_screen_reader()
    {
        Open(Masked);
        Assert.Equal(["0", "1"], Struck("#toks"));
        Assert.EndsWith(", padding", Find(".t[data-i='1']").GetDomAttribute("aria-label"), StringComparison.Ordinal);
        Open(SampleTrace.FivePaths());
        Assert.Empty(Struck("#toks"));
    }

    [Fact]
    public void Padding_goes_with_its_prompt()
    {
        var plain = Masked with { Prompt = 1, Options = Masked.Options with { AttentionMask = null } };
        Open(TracePage.Render([Masked, plain]));
        Assert.Equal(["0", "1"], Struck("#toks"));
        Press("}");
        Until(() => Data("prompt") == "2");
        Assert.Empty(Struck("#toks"));
        Press("{");
        Until(() => Data("prompt") == "1");
        Assert.Equal(["0", "1"], Struck("#toks"));
    }

    [Fact]
    public void Padding_of_a_flow_a_comparison_and_an_explanation_is_struck_through()
    {
        var flow = SampleFlow.FourPaths();
        Open(FlowPage.Render(flow with { Options = flow.Options with { AttentionMask = [0, 1, 0, 1, 1] } }));
        Assert.Equal(["0", "2"], Struck("#toks"));
        Open(ComparePage.Render(Masked, SampleTrace.FivePaths()));
        Assert.Equal(["0", "1"], Struck("#toks-a"));
        Assert.Empty(Struck("#toks-b"));
        Open(ExplanationPage.Render(
            [.. SampleExplanation.Two.Select(one => one with { AttentionMask = [0, 1, 1, 1, 1, 1, 1, 1] })],
            SampleExplanation.Text));
        Assert.Equal(["0"], Struck("#toks"));
        Open(LensPage.Render(SampleLens.TwoPrompts(), SampleLens.Token), "#s=2");
        Assert.Equal(["0"], Struck("#toks"));
    }

    IEnumerable<string?> Struck(string region) => All($"{region} .t")
        .Where(token => token.GetCssValue("text-decoration-line") == "line-through")
        .Select(token => token.GetDomAttribute("data-i"));
}
