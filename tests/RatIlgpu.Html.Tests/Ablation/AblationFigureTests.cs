using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Ablation;

public sealed class AblationFigureTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Figures =>
    [
        AblationPage.ToSvg(SampleAblation.Study(), Hostile), AblationPage.ToSvg(SampleAblation.Redundancy(), Hostile),
        AblationPage.ToSvg(SampleAblation.Sweep(), Hostile), AblationPage.ToSvg(SampleAblation.Distances(), Hostile),
    ];

    static AblationPageOptions Hostile => new() { Title = "</title><b>&", Theme = PageTheme.Dark };

    [Theory]
    [MemberData(nameof(Figures))]
    public void Every_figure_has_its_title_as_text_and_the_colours_of_the_theme(string svg)
    {
        var drawn = XDocument.Parse(svg);
        Assert.Equal("</title><b>&", drawn.Descendants(Svg + "title").Single().Value);
        Assert.Contains(drawn.Descendants(Svg + "text"), text => text.Value == "</title><b>&");
        Assert.Contains(Palette.Named["surface"].Dark, svg, StringComparison.Ordinal);
        Assert.DoesNotContain(Palette.Named["surface"].Light, svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        var width = Number(drawn.Root!, "width");
        Assert.All(drawn.Descendants(Svg + "rect").Skip(1), rect =>
            Assert.InRange(Number(rect, "x") + Number(rect, "width"), 0, width));
    }

    [Fact]
    public void A_study_has_what_is_left_by_condition_and_layer_and_the_divergence()
    {
        var report = SampleAblation.Study();
        var texts = Texts(AblationPage.ToSvg(report));
        foreach (var effect in report.Conditions)
        {
            Assert.Equal(2, texts.Count(text => text == effect.Condition.ToString()));
            foreach (var layer in effect.Layers)
                Assert.Contains(AblationWords.Number(layer.Projection.Mean), texts);
            Assert.Contains(AblationWords.Digits(effect.Divergence.Mean), texts);
        }

        Assert.Contains(
            texts, text => text.EndsWith("NIP at the changed position; 1 is no change", StringComparison.Ordinal));
        Assert.Contains(
            Texts(AblationPage.ToSvg(SampleAblation.Study(everywhere: true))),
            text => text.EndsWith("NIP as a mean over all positions; 1 is no change", StringComparison.Ordinal));
    }

    [Fact]
    public void A_redundancy_test_has_a_bar_for_each_comparison_also_below_0()
    {
        var report = SampleAblation.Redundancy();
        var below = report with
        {
            Comparisons = [.. report.Comparisons.Select(one => one.Pair == RedundancyPair.Both
                ? one with { Projection = new(-0.5, 0.25, 3) }
                : one)],
        };
        var drawn = XDocument.Parse(AblationPage.ToSvg(below));
        var bars = drawn.Descendants(Svg + "rect").Skip(1).ToList();
        Assert.Equal(7, bars.Count);
        var (first, negative) = (bars[0], bars[(int)RedundancyPair.Both]);
        Assert.Equal(Number(first, "x"), Number(negative, "x") + Number(negative, "width"), 0.02);
        Assert.Equal(1.25 / 0.5, Number(first, "width") / Number(negative, "width"), 0.01);
        Assert.Contains("-0.500 ± 0.250", Texts(AblationPage.ToSvg(below)));
    }

    // Names lie above their bars; no line of numbers reaches so far.
    [Fact]
    public void No_line_crosses_the_name_of_a_bar()
    {
        var drawn = XDocument.Parse(AblationPage.ToSvg(SampleAblation.Redundancy()));
        var names = drawn.Descendants(Svg + "text")
            .Where(text => text.Value.StartsWith("none, ", StringComparison.Ordinal))
            .Select(text => Number(text, "y")).ToList();
        Assert.Equal(5, names.Count);
        var lines = drawn.Descendants(Svg + "path").Select(path => path.Attribute("d")!.Value.Split(' ', 'V'))
            .Where(path => path.Length == 3).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.DoesNotContain(
            names, name => name > Parsed(line[1]) && name - 11 < Parsed(line[2])));
    }

    [Fact]
    public void A_sweep_has_its_curves_and_their_names()
    {
        var svg = AblationPage.ToSvg(SampleAblation.Sweep());
        Assert.Empty(
            new[] { "values alone", "values and L2H1", "difference", "L2H1 alone", "NIP in layer 2" }
                .Except(Texts(svg)));
        // The curve of both has no number at 3, and is two.
        Assert.Equal(2 + 1, XDocument.Parse(svg).Descendants(Svg + "path")
            .Count(path => path.Attribute("stroke")?.Value == Palette.Paths[1].Light));
    }

    [Fact]
    public void A_comparison_of_attention_has_two_figures_for_each_head_with_one_range()
    {
        var texts = Texts(AblationPage.ToSvg(SampleAblation.Distances()));
        foreach (var head in new[] { "L3H0", "L3H1" })
        {
            Assert.Contains($"{head}: attention, mean ± standard deviation", texts);
            Assert.Contains($"{head}: difference, mean ± standard error", texts);
        }

        Assert.Equal(4, texts.Count(text => text == "Offset from query"));
        Assert.Equal(2, texts.Count(text => text == "0.6"));
        Assert.Equal(1, texts.Count(text => text == "without a change"));
    }

    [Fact]
    public void Of_many_conditions_the_figure_of_attention_has_the_one_that_changes_most()
    {
        var two = SampleAblation.Distances();
        var many = two with
        {
            Conditions = [.. Enumerable.Range(0, 8).Select(place => two.Conditions[place == 5 ? 1 : 0])],
            Heads =
            [
                .. two.Heads.Select(head => head with
                {
                    Conditions = [.. Enumerable.Range(0, 8).Select(place => head.Conditions[place == 5 ? 1 : 0])],
                }),
            ],
        };
        Assert.Equal(5, many.MostChanged());
        var texts = Texts(AblationPage.ToSvg(many));
        Assert.Contains("Of 8 conditions, the one under which attention changes most", texts);
        Assert.Contains("values of L2H3 knock-out", texts);
        Assert.DoesNotContain("values of L2H1 zero", texts);
        var page = AblationPage.Render(many, SampleAblation.Token).Html;
        Assert.DoesNotContain("<option value=\"all\">", page, StringComparison.Ordinal);
        using var data = PageData.Of(page);
        Assert.Equal(5, data.RootElement.GetProperty("changed").GetInt32());
    }

    [Fact]
    public void What_has_nothing_to_show_has_no_figure()
    {
        Assert.Throws<ArgumentException>(() => AblationPage.ToSvg(SampleAblation.Study() with { Conditions = [] }));
        Assert.Throws<ArgumentException>(() =>
            AblationPage.ToSvg(SampleAblation.Redundancy() with { Comparisons = [] }));
        Assert.Throws<ArgumentException>(() => AblationPage.ToSvg(SampleAblation.Sweep() with { Layers = [] }));
        Assert.Throws<ArgumentException>(() => AblationPage.ToSvg(SampleAblation.Distances() with { Heads = [] }));
    }

    static List<string> Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants(Svg + "text").Select(text => text.Value)];

    static double Number(XElement element, string name) => Parsed(element.Attribute(name)!.Value);

    static double Parsed(string number) =>
        number.EndsWith('%') ? 0 : double.Parse(number, CultureInfo.InvariantCulture);
}
