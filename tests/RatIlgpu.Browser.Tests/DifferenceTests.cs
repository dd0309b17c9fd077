using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>What differs between two prompts is seen, however little it is.</summary>
public sealed class DifferenceTests(Chromium chromium) : PageTests(chromium)
{
    static HtmlPage Page => ComparePage.Render(SampleTrace.FivePaths(), SampleTrace.Swapped());

    [Fact]
    public void Words_that_differ_are_marked_in_both_texts_and_on_their_bars()
    {
        Open(Page);
        foreach (var side in new[] { "a", "b" })
        {
            Assert.Equal(
                ["2", "8", "15"],
                All($"#toks-{side} .t[data-differs]").Select(token => token.GetDomAttribute("data-i")));
            Assert.Equal(
                ["2", "15"],
                All($"#flow-{side} .nd[data-differs]").Select(node => node.GetDomAttribute("data-node")!)
                    .OrderBy(int.Parse));
        }

        Assert.Equal("dashed", Find(".t[data-differs]").GetCssValue("outline-style"));
        Assert.NotEqual("none", Find(".nd[data-differs] .plate").GetCssValue("stroke"));
    }

    [Fact]
    public void Differences_below_a_point_have_colours_on_ribbons_and_bars()
    {
        Open(Page);
        var strokes = All("#flow-a .ln").Select(line => line.GetCssValue("stroke")).Distinct();
        Assert.InRange(strokes.Count(), 3, 9);
        Assert.Contains(All("#flow-a .nd[data-d]"), node => node.GetDomAttribute("data-d") == "a4");
        Click("#tokens button");
        Assert.Contains("A +0.51 points", Find("#info").Text, StringComparison.Ordinal);
    }
}
