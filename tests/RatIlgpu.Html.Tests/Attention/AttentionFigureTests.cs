using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class AttentionFigureTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void One_head_has_axes_with_its_tokens()
    {
        var figure = XDocument.Parse(Builder(1).ToSvg());
        string[] texts = [.. figure.Descendants(Svg + "text").Select(text => text.Value)];
        Assert.Contains("Attention: L0H0", texts);
        Assert.Equal(2, texts.Count(text => text == "·t3 3"));
        Assert.Contains("query", texts);
    }

    [Fact]
    public void Several_heads_stand_side_by_side_in_the_order_asked()
    {
        var builder = new AttentionPageBuilder(new() { Theme = PageTheme.Dark, Title = "Two <heads>" })
        {
            HeadOrder = [new(0, 1), new(0, 0)],
        };
        builder.BeginPrompt(SampleHeads.Tokens(8));
        builder.Add(SampleHeads.Head(0, 8));
        builder.Add(SampleHeads.Head(1, 8));
        var figure = XDocument.Parse(builder.ToSvg());
        string[] texts = [.. figure.Descendants(Svg + "text").Select(text => text.Value)];
        Assert.Equal(["Two <heads>", "L0H1", "L0H0"], texts[..3]);
        Assert.Contains("1  attention, square-root scale", texts);
    }

    [Fact]
    public void A_figure_shows_the_weighted_pattern()
    {
        Assert.NotEqual(Builder(1, true).ToSvg(), Builder(1, true).ToSvg(AttentionWeights.Value));
        var error = Assert.Throws<ArgumentException>(() => Builder(1).ToSvg(AttentionWeights.Info));
        Assert.Equal(
            "The heads do not have the factors of the weighting Info, only Standard.", error.Message);
    }

    [Fact]
    public void A_page_can_be_made_after_a_figure()
    {
        var builder = Builder(2);
        builder.ToSvg();
        Assert.Equal(Builder(2).ToPage().Html, builder.ToPage().Html);
    }

    static AttentionPageBuilder Builder(int heads, bool hasFactors = false)
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(8));
        for (var head = 0; head < heads; head++)
            builder.Add(SampleHeads.Head(head, 8, hasFactors));
        return builder;
    }
}
