using System.Text.RegularExpressions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>The contrast of ribbons, and the room for the list of paths.</summary>
public sealed partial class RibbonTests(Chromium chromium) : PageTests(chromium)
{
    const double LeastContrast = 3;

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public void Ribbons_have_enough_contrast_to_the_background(string scheme)
    {
        Open(address: "#t=" + scheme);
        Assert.Equal(5, Colours(".ln", "stroke").Distinct().Count());
        Assert.All(Colours(".ln", "stroke"), colour => Assert.InRange(ContrastToSurface(colour), LeastContrast, 21));
        Assert.All(All(".ln"), line => Assert.Equal("1", line.GetCssValue("stroke-opacity")));
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public void Ribbons_of_a_comparison_have_edges_with_enough_contrast(string scheme)
    {
        var two = SampleTrace.Of(SampleTrace.Sentence, ([19, 15, 0], [0.5, 0.5]), ([19, 4, 0], [0.25, 0.5]));
        Open(ComparePage.Render(SampleTrace.FivePaths(), two), "#t=" + scheme);
        Assert.Equal(All(".ln").Count, All(".edge").Count);
        Assert.All(Colours(".edge", "stroke"), colour => Assert.InRange(ContrastToSurface(colour), LeastContrast, 21));
        var wider = Script<IReadOnlyCollection<object>>("""
            const [edges, lines] = ['.edge', '.ln'].map((kind) => [...document.querySelectorAll(kind)]);
            return edges.map((edge, i) => edge.getAttribute('stroke-width') - lines[i].getAttribute('stroke-width'));
            """);
        Assert.All(wider, more => Assert.Equal(2, Convert.ToDouble(more, CultureInfo.InvariantCulture), 0.011));
    }

    [Fact]
    public void Five_paths_and_the_details_of_a_token_fit_without_scrolling()
    {
        var paths = new[] { 2, 4, 10, 15, 18 }.Select(at => (new[] { 19, at, 0 }, new[] { 0.5, 0.5 }));
        Open(SampleTrace.Of(SampleTrace.Sentence, [.. paths]));
        Click(".nd[data-node='15'] rect");
        Assert.Equal(5, All("#paths li").Count);
        foreach (var area in (string[])["#paths", ".details"])
            Assert.Equal(0, Number("(([area]) => area.scrollHeight - area.clientHeight)"
                + "(document.querySelectorAll(arguments[0]))", area));
    }

    string[] Colours(string selector, string property) =>
        [.. All(selector).Select(mark => mark.GetCssValue(property))];

    double ContrastToSurface(string colour) =>
        Palette.Contrast(Hex(colour), Hex(Find(".canvas").GetCssValue("background-color")));

    static string Hex(string colour) => "#" + string.Concat(Numbers().Matches(colour).Take(3)
        .Select(part => int.Parse(part.Value, CultureInfo.InvariantCulture))
        .Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();
}
