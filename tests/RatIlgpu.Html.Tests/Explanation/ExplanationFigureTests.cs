using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests;

public sealed class ExplanationFigureTests
{
    [Fact]
    public void A_figure_has_the_largest_parts_the_rest_and_the_matrix()
    {
        var found = SampleExplanation.Two[0];
        var texts = Texts(ExplanationPage.ToSvg(found, SampleExplanation.Text, new() { Title = "A title" }));
        Assert.Equal(["A title", "A title"], texts[..2]);
        Assert.StartsWith(
            "L2H1 from \u2068·the\u2069 7 to \u2068·Mary\u2069 2: score ", texts[2], StringComparison.Ordinal);
        Assert.Equal("reading here: the score", texts[3]);
        Assert.Equal(ExplanationWords.Balance(found), texts[4]);
        var largest = found.KeyParts.Zip(found.ByKeyPart, found.AttentionWithout)
            .OrderByDescending(one => Math.Abs(one.Second)).Take(12).ToArray();
        Assert.Equal(
            [
                .. largest.SelectMany(one => new[]
                {
                    one.First.Label, $"{TraceWords.Signed(one.Second)} ({ExplanationWords.Number(one.Third)})",
                }),
                $"{found.KeyParts.Length - 12} more",
            ],
            texts[6..31]);
        Assert.Contains("Part of the query", texts);
        Assert.Contains("What pairs of parts add", texts);
        Assert.Contains(texts, text => text.EndsWith("  of the score", StringComparison.Ordinal));
    }

    [Fact]
    public void A_figure_of_many_parts_says_how_many_pairs_it_does_not_show()
    {
        var found = SampleExplanation.Of(8, new(1, 0), 7, [6], new() { SplitHeads = true })[0];
        Assert.InRange(found.QueryParts.Length, 41, 100);
        var texts = Texts(ExplanationPage.ToSvg(found, SampleExplanation.Text));
        Assert.Contains(texts, text => text.EndsWith(
            $"of the score; {found.Pairs.Length - (40 * 40)} pairs of smaller parts are not shown",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Notices_stand_below_the_heading()
    {
        var texts = Texts(ExplanationPage.ToSvg(
            SampleExplanation.Two[0], SampleExplanation.Text, new() { Notices = ["Head L0H1 is off."] }));
        Assert.Equal("Head L0H1 is off.", texts[5]);
        Assert.StartsWith("Part of the key", texts[6], StringComparison.Ordinal);
    }

    [Fact]
    public void The_foil_is_named() => Assert.Contains(
        Texts(ExplanationPage.ToSvg(SampleExplanation.Split[0], SampleExplanation.Text)),
        text => text.StartsWith(
            "reading foil: the score less that of \u2068<|endoftext|>\u2069 0, ", StringComparison.Ordinal));

    [Fact]
    public void Tokens_that_XML_cannot_hold_are_in_the_figure()
    {
        var texts = Texts(ExplanationPage.ToSvg(
            SampleExplanation.Split[0], SampleAttribution.Texts(["<b>", "&", "\0", "\uffff", "]]>", "\ud83d"]),
            new() { Title = "<&\0>" }));
        Assert.Equal("<&⟨0000⟩>", texts[0]);
        Assert.Contains(texts, text => text.EndsWith("<- 0 <b>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dark_figure_has_the_dark_colours()
    {
        var (light, dark) = (Svg(PageTheme.Auto), Svg(PageTheme.Dark));
        Assert.Equal(light, Svg(PageTheme.Light));
        Assert.Contains("#ffffff", light, StringComparison.Ordinal);
        Assert.Contains("#14161a", dark, StringComparison.Ordinal);

        static string Svg(PageTheme theme) =>
            ExplanationPage.ToSvg(SampleExplanation.Two[0], SampleExplanation.Text, new() { Theme = theme });
    }

    static string[] Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants().Where(part => part.Name.LocalName is "title" or "text")
            .Select(part => part.Value)];
}
