namespace RatIlgpu.Html;

/// <summary>A matrix as a static figure: coloured cells between two labelled axes, with a legend.</summary>
sealed record HeatFigure
{
    // In cells. A larger matrix is pooled: of the cells in one place, that of the largest magnitude is drawn.
    public const int MostCells = 512;

    // In pixels.
    const double LargestSide = 720, LargestCell = 22, Tick = 12, Gap = 6, Head = 30, Foot = 34;

    const int LongestLabel = 18;

    // In pixels, of a cell with text, and the width of a letter of it. With more columns, a cell has none.
    const double TextCell = 62, TextLetter = 6.1, TextSize = 10;

    const int MostTextColumns = 64;

    /// <summary>Gets the heading.</summary>
    public required string Title { get; init; }

    /// <summary>Gets the labels of the rows, from the top.</summary>
    public required ImmutableArray<string> Rows { get; init; }

    /// <summary>Gets the labels of the columns, from the left.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>Gets what the rows are.</summary>
    public required string RowTitle { get; init; }

    /// <summary>Gets what the columns are.</summary>
    public required string ColumnTitle { get; init; }

    /// <summary>Gets the function of row and column that returns the shade of a cell, in [0, 1], or in [−1, 1] if
    /// <see cref="IsSigned"/>; null where there is no such cell.</summary>
    public required Func<int, int, double?> Shade { get; init; }

    /// <summary>Gets the function of row and column that returns what stands in a cell; null for nothing.</summary>
    public Func<int, int, string>? Text { get; init; }

    /// <summary>Gets whether shades have a sign.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Gets the numbers at the two ends of the scale.</summary>
    public required (string Low, string High) Ends { get; init; }

    /// <summary>Gets what the scale is, such as <c>attention, square-root scale</c>.</summary>
    public required string Scale { get; init; }

    /// <summary>Gets the facts below the figure of a file. Default: none.</summary>
    public ImmutableArray<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>Returns the figure as a file.</summary>
    public string ToSvg(PageTheme theme)
    {
        var figure = new SvgFigure(theme);
        var (width, height) = WriteTo(figure, 0, 0);
        return figure.ToSvg(width, FigureColumn.WriteFoot(figure, (width, height), Facts), Title);
    }

    /// <summary>Writes the figure as a part of another one, and returns its size.</summary>
    public (double Width, double Height) WriteTo(SvgFigure figure, double x, double y)
    {
        var (rows, columns) = (Math.Min(Rows.Length, MostCells), Math.Min(Columns.Length, MostCells));
        var cell = Math.Min(LargestCell, LargestSide / Math.Max(1, Math.Max(rows, columns)));
        if (cell > 1)
            cell = Math.Floor(cell);
        var hasText = Text is not null && Columns.Length <= MostTextColumns && Rows.Length <= MostCells;
        var (cellWidth, cellHeight) = hasText ? (TextCell, Math.Max(cell, Tick + 3)) : (cell, cell);
        var (wide, high) = (cellWidth * columns, cellHeight * rows);
        var left = x + Tick + (Gap * 2) + WidestOf(Rows);
        var top = y + Head + Tick + (Gap * 2) + WidestOf(Columns);
        var ink = new SvgText(figure.Named("ink-2"), IsMono: true);
        var heading = figure.Heading(x + Gap, y + 18, Title);
        var shown = Pooled(rows, columns);
        WriteCells(figure, (left, top), (cellWidth, cellHeight), shown, columns);
        if (hasText)
            WriteTexts(figure, (left, top), (cellWidth, cellHeight), shown);
        for (var row = 0; row < Rows.Length; row += Every(Rows.Length, high))
            figure.Text(
                left - Gap, top + ((row + 0.5) * high / Rows.Length) + 4, Clipped(Rows[row]),
                ink with { Anchor = "end" });
        for (var column = 0; column < Columns.Length; column += Every(Columns.Length, wide))
            figure.Text(
                left + ((column + 0.5) * wide / Columns.Length) + 4, top - Gap, Clipped(Columns[column]),
                ink with { IsUpright = true });
        var title = new SvgText(figure.Named("ink-3"), Anchor: "middle");
        figure.Text(left + (wide / 2), y + Head + 8, ColumnTitle, title);
        figure.Text(x + 14, top + (high / 2), RowTitle, title with { IsUpright = true });
        var bottom = top + high + Gap;
        var legend = WriteLegend(figure, left, bottom, IsSigned, Ends, Scale);
        var used = Math.Max(left + wide, Math.Max(legend, heading));
        return (used + 12 - x, bottom + Foot - y);
    }

    void WriteCells(
        SvgFigure figure, (double X, double Y) at, (double Wide, double High) cell, int?[] shown, int columns)
    {
        var none = figure.Named("surface-2");
        for (var row = 0; row < shown.Length / Math.Max(1, columns); row++)
            for (int start = 0, end; start < columns; start = end)
            {
                var step = shown[(row * columns) + start];
                for (end = start + 1; end < columns && shown[(row * columns) + end] == step;)
                    end++;
                figure.Rect(
                    at.X + (start * cell.Wide), at.Y + (row * cell.High), (end - start) * cell.Wide, cell.High,
                    step is { } of ? ColourAt(figure, of / 255.0, IsSigned) : none, " shape-rendering=\"crispEdges\"");
            }
    }

    void WriteTexts(SvgFigure figure, (double X, double Y) at, (double Wide, double High) cell, int?[] shown)
    {
        var length = (int)((cell.Wide - 4) / TextLetter) - 1;
        for (var row = 0; row < Rows.Length; row++)
            for (var column = 0; column < Columns.Length; column++)
                if (TokenGlyphs.Line(Text!(row, column), length) is { Length: > 0 } text)
                {
                    var colour = shown[(row * Columns.Length) + column] is { } step
                        ? ColourAt(figure, step / 255.0, IsSigned)
                        : figure.Named("surface-2");
                    figure.Text(
                        at.X + ((column + 0.5) * cell.Wide), at.Y + ((row + 0.5) * cell.High) + 3.5, text,
                        new(Palette.InkOn(colour), TextSize, "middle", IsMono: true));
                }
    }

    // In steps of 1/255: cells that no eye tells apart are one rectangle.
    int?[] Pooled(int rows, int columns)
    {
        var steps = new int?[rows * columns];
        for (var row = 0; row < Rows.Length; row++)
            for (var column = 0; column < Columns.Length; column++)
                if (Shade(row, column) is { } shade)
                {
                    var place = ((long)row * rows / Rows.Length * columns) + ((long)column * columns / Columns.Length);
                    ref var kept = ref steps[place];
                    var step = (int)Math.Round(Math.Clamp(shade, IsSigned ? -1 : 0, 1) * 255);
                    if (kept is not { } other || Math.Abs(step) > Math.Abs(other))
                        kept = step;
                }

        return steps;
    }

    /// <summary>Returns the colour of a shade.</summary>
    public static string ColourAt(SvgFigure figure, double shade, bool isSigned)
    {
        var stops = isSigned ? Palette.Signed : Palette.Heat;
        var place = (isSigned ? (shade + 1) / 2 : shade) * (stops.Length - 1);
        var low = Math.Min(stops.Length - 2, (int)place);
        return Palette.Mixed(figure.Of(stops[low]), figure.Of(stops[low + 1]), place - low);
    }

    /// <summary>Writes the colours of a scale with the numbers at its ends, and returns the place after them.</summary>
    public static double WriteLegend(
        SvgFigure figure, double x, double y, bool isSigned, (string Low, string High) ends, string scale)
    {
        const double Step = 8;
        var (text, at) = (new SvgText(figure.Named("ink-2")), x);
        figure.Text(at, y + 18, ends.Low, text);
        at += SvgFigure.WidthOf(ends.Low) + Gap;
        var count = isSigned ? 13 : 8;
        for (var i = 0; i < count; i++)
            figure.Rect(
                at + (i * Step), y + 9, Step, 10,
                ColourAt(figure, isSigned ? (2.0 * i / (count - 1)) - 1 : (double)i / (count - 1), isSigned));
        at += (count * Step) + Gap;
        var words = $"{ends.High}  {scale}";
        figure.Text(at, y + 18, words, text);
        return at + SvgFigure.WidthOf(words);
    }

    static int Every(int count, double extent) => Math.Max(1, (int)Math.Ceiling(Tick * count / Math.Max(1, extent)));

    static double WidestOf(ImmutableArray<string> labels) =>
        labels.Select(label => SvgFigure.WidthOf(Clipped(label))).DefaultIfEmpty().Max();

    static string Clipped(string label) => TokenGlyphs.Line(label, LongestLabel);
}
