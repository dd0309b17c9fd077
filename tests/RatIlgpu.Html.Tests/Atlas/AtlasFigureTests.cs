using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Atlas;

public sealed class AtlasFigureTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    static readonly HeadAtlas Sample = SampleAtlas.Of();

    [Fact]
    public void A_figure_has_the_roles_of_all_heads_and_one_score()
    {
        var texts = Texts(AtlasPage.ToSvg(Sample));
        Assert.Equal("Heads of Qwen2-sample", texts[0]);
        Assert.Contains("Previous, excess over chance", texts);
        foreach (var role in Enum.GetValues<HeadRole>())
            Assert.Equal(
                Sample.Heads.Count(head => !head.Roles.IsEmpty && head.Roles[0].Role == role),
                texts.Count(text => text == AtlasWords.CodeOf(role)));
        Assert.Contains("kv 1", texts);
    }

    [Theory]
    [InlineData("entropy", HeadMeasure.Raw, "Entropy, raw", "nats")]
    [InlineData("ioi-io", HeadMeasure.WithoutFirst, "Ioi io, without the first token", "attention")]
    [InlineData("copy", HeadMeasure.WithoutSelf, "Copy, without the query", "")]
    public void The_score_and_its_number_can_be_chosen(string id, HeadMeasure measure, string title, string unit)
    {
        var texts = Texts(AtlasPage.ToSvg(Sample, id, measure));
        Assert.Contains(title, texts);
        Assert.Contains(texts, text => text.EndsWith($"  {unit}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_score_that_is_not_there_is_refused_and_any_text_stays_text()
    {
        var error = Assert.Throws<ArgumentException>(() => AtlasPage.ToSvg(Sample, "none"));
        Assert.StartsWith(
            "The atlas has no score 'none', expected one of previous, previous-word-start, ", error.Message,
            StringComparison.Ordinal);
        var figure = XDocument.Parse(AtlasPage.ToSvg(SampleAtlas.Hostile()));
        Assert.Empty(figure.Descendants(Svg + "script"));
    }

    static List<string> Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants(Svg + "text").Select(text => text.Value)];
}
