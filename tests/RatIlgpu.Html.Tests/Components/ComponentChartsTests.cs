using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Components;

public sealed class ComponentChartsTests
{
    static readonly ComponentReport Report = SampleComponents.Report;

    static readonly Dictionary<string, XElement[]> Groups = Drawn(Report);

    [Fact]
    public void Every_matrix_has_its_strengths_on_both_scales()
    {
        var drawings = Groups["Strength of components"];
        Assert.Equal(
            [
                "Query matrix", "Query matrix, powers of ten", "Key matrix", "Key matrix, powers of ten",
                "Value matrix", "Value matrix, powers of ten", "Output matrix", "Output matrix, powers of ten",
            ],
            drawings.Select(drawing => drawing.Attribute("aria-label")!.Value));

        // Two are reported of six; the last is 0, which powers of ten do not have.
        var (plain, powers) = (drawings[0], drawings[1]);
        Assert.Equal(["0: 4.0000", "1: 2.0000"], Marks(plain, "dot").Select(mark => mark.Value));
        Assert.Equal(4, Marks(plain, "dots").Single().Attribute("d")!.Value.Split('M').Length - 1);
        Assert.Equal(3, Marks(powers, "dots").Single().Attribute("d")!.Value.Split('M').Length - 1);

        // On the plain scale the second is half as high as the first; the ground is at 162, the top at 22.
        Assert.Equal([22, 92], Marks(plain, "dot").Select(mark => double.Parse(mark.Attribute("cy")!.Value, null)));
        Assert.Equal(["0.1", "1", "10"], Ticks(powers, "end"));
    }

    [Fact]
    public void Bars_of_the_spread_end_at_the_entropy_below_the_dashed_line_of_all_heads()
    {
        var query = Groups["Spread over heads"][0];
        var bars = query.Descendants("rect").ToList();
        var line = Marks(query, "level").Single().Attribute("d")!.Value;
        var level = double.Parse(line.Split(' ')[1].Split('H')[0], null);
        Assert.Equal(level, double.Parse(bars[0].Attribute("y")!.Value, null), 0.11);
        Assert.Equal(0, double.Parse(bars[1].Attribute("height")!.Value, null));
        Assert.Equal(["0: 0.6931", "1: 0.0000"], bars.Select(bar => bar.Value));
        Assert.Equal(["shade-2", "shade-5"], bars.Select(bar => bar.Attribute("class")!.Value));
    }

    [Fact]
    public void Sums_lie_on_the_line_of_the_scores_of_the_run_and_those_without_bias_do_not()
    {
        var drawings = Groups["Sums of parts and scores of the run"];
        Assert.Equal(2, drawings.Length);
        Assert.All(drawings, drawing => Assert.Equal(8, Marks(drawing, "dot").Count()));
        Assert.Contains("L2H1, key 3: 2.0000 of 2.0000", Marks(drawings[0], "dot").Select(mark => mark.Value));

        // The named pairs have 0, −2.5, 0.25 and 0.25.
        Assert.Contains("L2H1, key 3: -2.0000 of 2.0000", Marks(drawings[1], "dot").Select(mark => mark.Value));
    }

    [Fact]
    public void Pairs_are_drawn_over_distances_with_their_heads()
    {
        var lines = Groups["Scores by weights alone over distances"].Single();
        Assert.Equal(7, lines.Descendants("path").Count(path =>
            path.Attribute("class")!.Value.StartsWith("line ", StringComparison.Ordinal)));
        Assert.Equal(2, Marks(lines, "faint").Single().Attribute("d")!.Value.Split('M').Length - 1);
        var pairs = Groups["The strongest pairs, head by head"];
        Assert.Equal(6, pairs.Length);
        Assert.Equal(["L2H0", "L2H1", "L2H2", "L2H3"], Marks(pairs[0], "faint").Select(mark => mark.Value));
        Assert.Equal(4, Groups["Each head and the sum over the heads"].Length);
    }

    [Fact]
    public void A_story_has_a_bar_for_each_key()
    {
        var story = Groups["What query components look for"].Single();
        Assert.Equal("Query component 0", story.Attribute("aria-label")!.Value);
        Assert.Equal("key 1, 1 back: 2.5000", story.Descendants("rect").Single().Value);
        Assert.Contains("1 (1)", Ticks(story, "middle"));
    }

    [Fact]
    public void What_a_report_does_not_have_is_not_drawn()
    {
        var none = Report with
        {
            Matrices = [.. Report.Matrices.Select(matrix => matrix with
            {
                Count = 0, AliveCount = 0, Components = [], EnergyShares = [], Strengths = [], Spreads = [],
            })],
            Stories = [],
        };
        Assert.Equal(
            [
                "Sums of parts and scores of the run", "Scores by weights alone over distances",
                "The strongest pairs, head by head", "Each head and the sum over the heads",
            ],
            Drawn(none).Keys);
    }

    [Theory]
    [InlineData(0, 1, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(-0.3, 0.7, "-0.2 0 0.2 0.4 0.6")]
    [InlineData(0, 1e-4, "0 0.00002 0.00004 0.00006 0.00008 0.0001")]
    [InlineData(0, 4096, "0 1000 2000 3000 4000")]
    public void Ticks_are_round_numbers_between_the_ends(double low, double high, string expected) => Assert.Equal(
        expected.Split(' '), new ChartAxis("x", low, high).Ticks(5).Select(tick => tick.Text));

    [Fact]
    public void An_axis_without_an_extent_still_has_one()
    {
        var axis = ChartAxis.Of("x", [0, 0]);
        Assert.Equal((0, 1), (axis.Low, axis.High));
        var powers = ChartAxis.Logarithmic("x", [0, -1]);
        Assert.True(powers.High > powers.Low && powers.Low > 0);
        Assert.False(powers.Has(0));
    }

    static Dictionary<string, XElement[]> Drawn(ComponentReport report)
    {
        var scores = new ComponentFigures(report, SampleComponents.Token).OffsetsWithSum();
        return new ComponentCharts(report, scores).All().ToDictionary(group => group.Title, group => group.Charts
            .Select(chart =>
            {
                var html = new HtmlWriter();
                chart.Write(html);
                return XElement.Parse(html.ToString());
            }).ToArray());
    }

    static IEnumerable<XElement> Marks(XElement drawing, string kind) =>
        drawing.Descendants().Where(element => element.Attribute("class")?.Value == kind && element.HasElements);

    static IEnumerable<string> Ticks(XElement drawing, string kind) =>
        drawing.Elements("text").Where(text => text.Attribute("class")!.Value == kind).Select(text => text.Value);
}
