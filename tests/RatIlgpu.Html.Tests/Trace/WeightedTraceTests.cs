using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Trace;

/// <summary>Pages and figures of traces whose links are weights say so.</summary>
public sealed class WeightedTraceTests
{
    static readonly TraceResult Trace = SampleTrace.FivePaths();

    [Theory]
    [InlineData(AttentionWeights.Value, "weight (value)")]
    [InlineData(AttentionWeights.Info, "weight (info)")]
    [InlineData(AttentionWeights.Contribution, "weight (contribution)")]
    public void The_page_names_the_number_of_a_link(AttentionWeights weights, string measure)
    {
        var html = TracePage.Render(SampleTrace.Weighted(Trace, weights)).Html;
        var (markup, heading) = (Between(html, "<body>", "<script"), "W" + measure[1..]);
        Assert.Contains($"<th scope=\"col\">{heading}<th scope=\"col\">Path share", markup, StringComparison.Ordinal);
        Assert.Contains($"<th scope=\"col\">Share × {measure}<", markup, StringComparison.Ordinal);
        Assert.Contains($"value=\"attention\">{heading}</button>", markup, StringComparison.Ordinal);
        Assert.Contains($"value=\"attention\">{heading} of target</button>", markup, StringComparison.Ordinal);
        Assert.Contains($"The logarithms of the {measure} of each step", markup, StringComparison.Ordinal);
        Assert.Contains($"{heading} is share times the {measure} of the step", markup, StringComparison.Ordinal);
        Assert.Contains($"or the {measure} of the target to it", markup, StringComparison.Ordinal);
        Assert.Contains("\"5 paths into position 19", markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Attention<", markup, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.Equal(measure, data.RootElement.GetProperty("measure").GetString());
    }

    [Fact]
    public void A_page_of_attention_says_attention()
    {
        var html = TracePage.Render(Trace).Html;
        var markup = Between(html, "<body>", "<script");
        foreach (var said in (string[])
            [
                "<th scope=\"col\">Attention<th", "Share × attention<th", "\"attention\">Attention</button>",
                "Attention of target</button>", "The logarithms of the attention of each step",
                "Attention is share times the attention of the step", "5 attention paths into position 19",
            ])
            Assert.Contains(said, markup, StringComparison.Ordinal);
        Assert.DoesNotContain("weight (", markup, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.False(data.RootElement.TryGetProperty("measure", out _));
    }

    [Fact]
    public void The_least_number_of_a_step_is_a_weight()
    {
        var least = SampleTrace.Weighted(Trace, AttentionWeights.Info);
        least = least with { Options = least.Options with { MinAttention = 0.25 } };
        Assert.Contains(("Min weight", "0.25"), TraceWords.Facts(least));
        Assert.Equal(
            "No path leads to position 19: none has a weight of 0.25 or more at every step. Lower the minimum weight, "
            + "or trace another position.",
            TraceWords.WhyEmpty(least with { Paths = [] }));
    }

    [Fact]
    public void A_figure_says_what_scores_are_of()
    {
        Assert.Contains(
            "Scores are logarithms of the weight (info) of the steps.",
            Texts(TracePage.ToSvg(SampleTrace.Weighted(Trace, AttentionWeights.Info))), StringComparison.Ordinal);
        Assert.DoesNotContain("Scores are", Texts(TracePage.ToSvg(Trace)), StringComparison.Ordinal);

        static string Texts(string svg) => string.Join(
            ' ', System.Xml.Linq.XDocument.Parse(svg).Descendants().Where(part => part.Name.LocalName == "text")
                .Select(part => part.Value));
    }

    [Fact]
    public void A_comparison_tells_both_sides_apart()
    {
        using var data = PageData.Of(
            ComparePage.Render(Trace, SampleTrace.Weighted(Trace, AttentionWeights.Value)).Html);
        Assert.False(data.RootElement.GetProperty("a").TryGetProperty("measure", out _));
        Assert.Equal("weight (value)", data.RootElement.GetProperty("b").GetProperty("measure").GetString());
    }
}
