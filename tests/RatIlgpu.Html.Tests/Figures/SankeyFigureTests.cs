using System.Xml.Linq;
using RatIlgpu.Testing;

namespace RatIlgpu.Html.Tests.Figures;

public sealed class SankeyFigureTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    static readonly string[] Elements = ["svg", "title", "g", "rect", "path", "text", "tspan"];

    static readonly Dictionary<string, string> Figures = new()
    {
        ["trace"] = TracePage.ToSvg(SampleTrace.ThreePrompts()[0]),
        ["trace-dark"] = TracePage.ToSvg(
            SampleTrace.Random(tokens: 40, paths: 16, longest: 4), new() { Theme = PageTheme.Dark, Title = "Many" }),
        ["compare"] = ComparePage.ToSvg(
            SampleTrace.FivePaths(), SampleTrace.Swapped(), new() { NameA = "first.json", NameB = "second.json" }),
    };

    public static TheoryData<string> Cases => new(Figures.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_figure_is_the_one_on_record(string name)
    {
        var file = Repository.Path("tests", "RatIlgpu.Html.Tests", "Figures", $"{name}.golden.svg");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, Figures[name]);
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), Figures[name]);
    }

    [Fact]
    public void Bars_have_the_place_and_the_size_of_the_layout()
    {
        var trace = SampleTrace.FivePaths();
        var layout = new TraceView(trace).LayoutOf(ColumnMode.Hops);
        var bars = Drawing(TracePage.ToSvg(trace)).Elements(Svg + "rect")
            .Where(rect => Number(rect, "width") == SankeyLayout.BarWidth)
            .Select(rect => new Box(Number(rect, "x"), Number(rect, "y"), 10, Number(rect, "height")));
        foreach (var (expected, drawn) in layout.Bars.Zip(bars))
        {
            Assert.Equal(expected.Drawn.Left, drawn.Left, 0.01);
            Assert.Equal(expected.Drawn.Top, drawn.Top, 0.01);
            Assert.Equal(expected.Drawn.Height, drawn.Height, 0.01);
        }

        Assert.Equal(layout.Bars.Length, bars.Count());
    }

    [Fact]
    public void A_ribbon_is_as_wide_as_its_share_and_never_too_thin_to_see()
    {
        var trace = SampleTrace.Of(
            SampleTrace.Sentence, ([19, 4, 0], [0.5, 0.5]), ([19, 2], [1e-9]), ([19, 1, 0], [0.5, 0.25]));
        var layout = new TraceView(trace).LayoutOf(ColumnMode.Hops);
        var widths = Drawing(TracePage.ToSvg(trace)).Elements(Svg + "path")
            .Select(path => Number(path, "stroke-width"));
        Assert.Equal(
            layout.Ribbons.Select(ribbon => Math.Round(Math.Max(1.5, ribbon.Width), 2)), widths);
        Assert.Contains(1.5, widths);
    }

    [Fact]
    public void Paths_of_one_hue_are_told_apart_by_dashes()
    {
        var hues = Palette.Paths.Length;
        Assert.Equal(SankeyFigure.HueOf(0), SankeyFigure.HueOf(hues));
        Assert.Null(SankeyFigure.DashOf(hues - 1));
        Assert.NotNull(SankeyFigure.DashOf(hues));
        Assert.NotEqual(SankeyFigure.DashOf(hues), SankeyFigure.DashOf(2 * hues));
        var paths = Drawing(TracePage.ToSvg(SampleTrace.Random(tokens: 40, paths: 16, longest: 4)))
            .Elements(Svg + "path").ToArray();
        Assert.Contains(paths, path => path.Attribute("stroke-dasharray")?.Value == "10 6");
        Assert.Contains(paths, path => path.Attribute("stroke-dasharray")?.Value == "1.5 5");
    }

    [Fact]
    public void Each_path_has_a_row_with_its_number_its_share_and_its_tokens()
    {
        var texts = Texts(TracePage.ToSvg(SampleTrace.FivePaths()));
        Assert.Contains("score -0.490 · 30.6 %", texts);
        Assert.Contains("\u2068<|endoftext|>\u2069 → \u2068She\u2069 → \u2068·said\u2069", texts);
        Assert.Contains("5", texts);
    }

    [Fact]
    public void Of_many_paths_the_first_are_listed_and_the_others_counted() => Assert.Contains(
        "and 5 more paths", Texts(TracePage.ToSvg(SampleTrace.Random(tokens: 40, paths: 25, longest: 4))));

    [Fact]
    public void A_trace_without_paths_says_why()
    {
        var texts = Texts(TracePage.ToSvg(SampleTrace.Of(SampleTrace.Sentence, ([0], []))));
        Assert.Contains(texts, text => text.StartsWith("Position 0 is the first token.", StringComparison.Ordinal));
        texts = Texts(ComparePage.ToSvg(
            SampleTrace.Of(SampleTrace.Sentence, ([0], [])), SampleTrace.Of(SampleTrace.Sentence, ([0], []))));
        Assert.Contains(texts, text => text.StartsWith("Position 0 is the first token.", StringComparison.Ordinal));
    }

    [Fact]
    public void Hostile_tokens_and_titles_are_text()
    {
        var hostile = SampleTrace.Random(30, 12, 5, 3, SampleTrace.Hostile);
        var options = new TracePageOptions { Title = "</svg><script>alert(1)</script>\0\uffff\ud800\u000b" };
        var both = new ComparePageOptions { Title = options.Title, NameA = "<a>\u0001", NameB = "\ufffe&amp;" };
        string[] figures =
        [
            TracePage.ToSvg(hostile, options),
            ComparePage.ToSvg(hostile, SampleTrace.Random(31, 12, 5, 4, SampleTrace.Hostile), both),
        ];
        foreach (var figure in figures)
        {
            var drawn = XDocument.Parse(figure);
            Assert.All(drawn.Descendants(), element => Assert.Contains(element.Name.LocalName, Elements));
            Assert.DoesNotContain(
                drawn.Descendants().Attributes(),
                attribute => attribute.Name.LocalName is "href" or "style" or "class" || attribute.Name.LocalName
                    .StartsWith("on", StringComparison.Ordinal));
            Assert.Contains(
                Texts(figure),
                text => text.StartsWith("</svg><script>alert(1)</script>", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Two_traces_have_one_scale_and_the_colours_of_their_differences()
    {
        var (a, b) = (SampleTrace.FivePaths(), SampleTrace.Swapped());
        var sides = XDocument.Parse(ComparePage.ToSvg(a, b)).Descendants(Svg + "g").ToArray();
        Assert.Equal(2, sides.Length);
        Assert.All(sides, side => Assert.Equal(150, Bars(side).Max(bar => Number(bar, "height")), 0.01));
        Assert.All(sides, side => Assert.Contains(
            side.Elements(Svg + "path"), path => path.Attribute("stroke")!.Value == Palette.MoreInA[3].Light));
        // Mary and Anna are counterparts that differ.
        Assert.All(sides, side => Assert.Equal(
            2, side.Elements(Svg + "rect").Count(rect => rect.Attribute("stroke-dasharray") is not null)));
    }

    [Fact]
    public void Equal_traces_are_said_to_be_equal() => Assert.Contains(
        "Both traces are equal: there is no difference to show.",
        Texts(ComparePage.ToSvg(SampleTrace.FivePaths(), SampleTrace.FivePaths())));

    static XElement Drawing(string svg) => Assert.Single(XDocument.Parse(svg).Descendants(Svg + "g"));

    static IEnumerable<XElement> Bars(XElement drawing) =>
        drawing.Elements(Svg + "rect").Where(rect => Number(rect, "width") == SankeyLayout.BarWidth);

    static string[] Texts(string svg) => [.. XDocument.Parse(svg).Descendants(Svg + "text").Select(text => text.Value)];

    static double Number(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
