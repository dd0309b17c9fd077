using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests;

public sealed class AttributionFigureTests
{
    static readonly ImmutableArray<AttributionBatch> One = SampleAttribution.Of(SampleAttribution.First);

    [Fact]
    public void A_figure_has_the_largest_bars_the_rest_and_the_matrix()
    {
        var texts = Texts(AttributionPage.ToSvg(One, SampleAttribution.Text, new() { Top = 4, Title = "A title" }));
        Assert.Equal("A title", texts[0]);
        var largest = One[0].Attributions[0][0].Terms.Where(row => row.Term is ResidualTerm.Head)
            .Concat(One[1].Attributions[0][0].Terms.Where(row =>
                row.Term is ResidualTerm.Embedding or ResidualTerm.Mlp))
            .OrderBy(row => -Math.Abs(row.Value)).Take(4).ToArray();
        Assert.Equal(
            [
                .. largest.SelectMany(row => new[] { row.Term.Label, TraceWords.Signed(row.Value) }),
                "unaccounted (18)",
            ],
            texts[3..12]);
        Assert.Contains("rounding", texts);
        Assert.Contains("What heads read from each token", texts);
        Assert.Contains("·Mary 2", texts);
    }

    [Fact]
    public void A_figure_of_several_has_means_with_their_spread_and_no_matrix()
    {
        var several = SampleAttribution.Of(SampleAttribution.First, SampleAttribution.Second);
        var texts = Texts(AttributionPage.ToSvg(several, SampleAttribution.Text));
        Assert.Contains("mean of 2 logits ± sample standard deviation", texts);
        Assert.Contains(texts, text => text.Contains(" ± ", StringComparison.Ordinal) && text[0] is '+' or '-');
        Assert.DoesNotContain("What heads read from each token", texts);
    }

    [Fact]
    public void Streams_are_steps_in_the_order_of_the_model()
    {
        var streams = SampleAttribution.Of([SampleAttribution.First], [AttributionUnit.CumulativeLayer]);
        var texts = Texts(AttributionPage.ToSvg(streams, SampleAttribution.Text));
        Assert.Equal(
            ["0_pre", "0_mid", "1_pre", "1_mid", "2_pre", "2_mid", "final_post"],
            texts.Where(text => text.Contains('_', StringComparison.Ordinal)));
        Assert.DoesNotContain("rounding", texts);
    }

    [Fact]
    public void Tokens_that_XML_cannot_hold_are_in_the_figure()
    {
        var texts = Texts(AttributionPage.ToSvg(
            One, SampleAttribution.Texts(["<b>", "&", "\0", "\uffff", "]]>", "\ud83d", "\u202e", "\""]),
            new() { Title = "<&\0>" }));
        Assert.Equal("<&⟨0000⟩>", texts[0]);
        Assert.Contains("<b> 0", texts);
        Assert.Contains("]]> 4", texts);
    }

    [Fact]
    public void A_dark_figure_has_the_dark_colours()
    {
        var (light, dark) = (Svg(PageTheme.Auto), Svg(PageTheme.Dark));
        Assert.Equal(light, Svg(PageTheme.Light));
        Assert.Contains("#ffffff", light, StringComparison.Ordinal);
        Assert.Contains("#14161a", dark, StringComparison.Ordinal);

        static string Svg(PageTheme theme) =>
            AttributionPage.ToSvg(One, SampleAttribution.Text, new() { Theme = theme });
    }

    static string[] Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants().Where(part => part.Name.LocalName is "title" or "text")
            .Select(part => part.Value)];
}
