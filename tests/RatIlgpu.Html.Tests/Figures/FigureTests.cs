using System.Xml.Linq;

namespace RatIlgpu.Html.Tests.Figures;

public sealed class FigureTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Cells_have_the_colours_of_the_scale_and_no_cell_is_grey()
    {
        var cells = Cells(Figure([[0, 1], [null, 0.5]]));
        Assert.Equal(4, cells.Count);
        Assert.Equal(Palette.Heat[0].Light, cells[0].Attribute("fill")!.Value);
        Assert.Equal(Palette.Heat[^1].Light, cells[1].Attribute("fill")!.Value);
        Assert.Equal(Palette.Named["surface-2"].Light, cells[2].Attribute("fill")!.Value);
    }

    [Fact]
    public void Signed_cells_have_a_colour_for_each_side_of_0()
    {
        var cells = Cells(Figure([[-1, 0, 1]]) with { IsSigned = true });
        Assert.Equal(
            [Palette.Signed[0].Light, Palette.Signed[6].Light, Palette.Signed[12].Light],
            cells.Select(cell => cell.Attribute("fill")!.Value));
    }

    [Fact]
    public void Neighbours_of_one_colour_are_one_rectangle()
    {
        var cell = Assert.Single(Cells(Figure([[0.5, 0.5, 0.5]])));
        Assert.Equal("66", cell.Attribute("width")!.Value);
        Assert.Equal("22", cell.Attribute("height")!.Value);
    }

    [Fact]
    public void A_matrix_of_many_cells_is_pooled_and_keeps_a_single_strong_cell()
    {
        var figure = Figure([]) with
        {
            Rows = [.. Enumerable.Range(0, 2000).Select(row => $"{row}")],
            Columns = [.. Enumerable.Range(0, 2000).Select(column => $"{column}")],
            Shade = (row, column) => row == 1234 && column == 777 ? 1 : 0,
        };
        var hot = Assert.Single(
            Cells(figure), cell => cell.Attribute("fill")!.Value == Palette.Heat[^1].Light);
        var cold = Cells(figure)[0];
        var cellSize = double.Parse(hot.Attribute("width")!.Value, CultureInfo.InvariantCulture);
        var row = (Number(hot, "y") - Number(cold, "y")) / cellSize;
        var column = (Number(hot, "x") - Number(cold, "x")) / cellSize;
        Assert.Equal((1234 * 512 / 2000, 777 * 512 / 2000), ((int)Math.Round(row), (int)Math.Round(column)));
    }

    [Fact]
    public void Text_is_text_whatever_it_holds()
    {
        var figure = Figure([[1]]) with
        {
            Title = "<script>&\u0001\ud800\"'",
            Rows = ["</text>"],
            Columns = ["\u202e<b>"],
        };
        var drawn = XDocument.Parse(figure.ToSvg(PageTheme.Light));
        Assert.Contains(drawn.Descendants(Svg + "text"), text => text.Value == "<script>&⟨0001⟩\ufffd\"'");
        Assert.Contains(drawn.Descendants(Svg + "text"), text => text.Value == "</text>");
        Assert.Empty(drawn.Descendants(Svg + "script"));
    }

    [Fact]
    public void The_theme_chooses_the_colours()
    {
        Assert.Contains(Palette.Named["surface"].Dark, Figure([[1]]).ToSvg(PageTheme.Dark), StringComparison.Ordinal);
        Assert.Equal(Figure([[1]]).ToSvg(PageTheme.Light), Figure([[1]]).ToSvg(PageTheme.Auto));
    }

    [Fact]
    public void Labels_of_many_rows_are_thinned_out_so_that_none_covers_another()
    {
        var figure = Figure([]) with
        {
            Rows = [.. Enumerable.Range(0, 300).Select(row => $"row{row}")],
            Columns = ["one"],
            Shade = (_, _) => 0,
        };
        var places = XDocument.Parse(figure.ToSvg(PageTheme.Light)).Descendants(Svg + "text")
            .Where(text => text.Value.StartsWith("row", StringComparison.Ordinal) && text.Value != "rows")
            .Select(text => Number(text, "y")).ToList();
        Assert.InRange(places.Count, 20, 100);
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 12));
    }

    [Fact]
    public void A_line_ends_where_there_is_no_number_and_its_band_has_its_parts()
    {
        var drawn = Drawn(new("a", 0, [0, 1, null, 1], [0.5, 0.5, null, 0.5]));
        // Two bands; two lines, of which the second is a point.
        Assert.Equal(2, drawn.Count(path => path.Attribute("fill-opacity") is not null));
        var lines = drawn.Where(path => path.Attribute("stroke")?.Value == Palette.Paths[0].Light)
            .Select(path => path.Attribute("d")!.Value).ToList();
        Assert.Equal(["M62 161.5L202 76.5", "M482 76.5h.01"], lines);
    }

    [Fact]
    public void A_band_beyond_the_range_is_drawn_at_its_end()
    {
        var band = Drawn(new("a", -1, [0.5], [2]), (0, 1)).Single(path => path.Attribute("fill-opacity") is not null);
        Assert.Equal("M272 34L272 204Z", band.Attribute("d")!.Value);
        Assert.Equal(Palette.Named["ink-3"].Light, band.Attribute("fill")!.Value);
    }

    [Fact]
    public void Axes_have_round_numbers()
    {
        Assert.Equal(
            ["-0.2", "0.0", "0.2", "0.4", "0.6"], RoundTicks.Of(-0.25, 0.7, 5).Select(tick => tick.Text));
        Assert.Equal(["0", "5", "10", "15", "20"], RoundTicks.Of(0, 20, 5).Select(tick => tick.Text));
        Assert.InRange(RoundTicks.Of(0, 1e-9, 5).Count(), 2, 6);
    }

    [Fact]
    public void A_mixed_colour_lies_between_two() =>
        Assert.Equal(
            ["#000000", "#80407f", "#ff80fe"],
            new[] { 0, 0.5, 1 }.Select(part => Palette.Mixed("#000000", "#ff80fe", part)));

    static List<XElement> Drawn(FigureLine line, (double Low, double High)? range = null)
    {
        var figure = new SvgFigure(PageTheme.Light);
        new LineFigure
        {
            Title = "Lines",
            Lines = [line],
            Places = [.. line.Values.Select((_, place) => $"{place}")],
            Across = "places",
            Up = "numbers",
            Range = range ?? (-0.5, 1.5),
            HasLegend = false,
        }.WriteTo(figure, 0, 0);
        return [.. XDocument.Parse(figure.ToSvg(500, 300, "Lines")).Descendants(Svg + "path")];
    }

    static double Number(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    static List<XElement> Cells(HeatFigure figure) =>
        [.. XDocument.Parse(figure.ToSvg(PageTheme.Light)).Descendants(Svg + "rect")
            .Where(rect => rect.Attribute("shape-rendering") is not null)];

    static HeatFigure Figure(double?[][] cells) => new()
    {
        Title = "Pattern",
        Rows = [.. cells.Select((_, row) => $"q{row}")],
        Columns = [.. (cells.FirstOrDefault() ?? []).Select((_, column) => $"k{column}")],
        RowTitle = "rows",
        ColumnTitle = "columns",
        Shade = (row, column) => cells[row][column],
        Ends = ("0", "1"),
        Scale = "attention",
    };
}
