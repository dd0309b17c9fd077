namespace RatIlgpu.Html;

/// <summary>Writes text into a static figure, line below line.</summary>
/// <param name="figure">The figure.</param>
/// <param name="margin">The room at the left and at the right of the text, in pixels.</param>
/// <param name="width">The width of the figure, in pixels.</param>
sealed class FigureColumn(SvgFigure figure, double margin, double width)
{
    // In pixels.
    const double Line = 16;

    /// <summary>Gets or sets where the last line stands, in pixels from the top.</summary>
    public double At { get; set; }

    /// <summary>Writes the title of the figure, or as much of its start as has room.</summary>
    public void WriteTitle(string title)
    {
        // Bold letters of this size are wider.
        var shown = TokenGlyphs.Line(title, (int)((width - (2 * margin)) / SvgFigure.WidthOf("m") * 0.7));
        figure.Text(margin, At, shown, new(figure.Named("ink"), 15, IsBold: true));
    }

    /// <summary>Writes parts, each whole; a line begins where the next part has no room.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="between">The text between two parts of a line.</param>
    /// <param name="ink">The name of the colour.</param>
    public void Write(IEnumerable<string> parts, string between, string ink)
    {
        foreach (var line in FigureText.Lines(parts, between, width - (2 * margin)))
            figure.Text(margin, At += Line, FigureText.Clip(line, width), new(figure.Named(ink)));
    }

    /// <summary>Writes facts, each on lines of its own.</summary>
    public void WriteFacts(IEnumerable<(string Name, string Value)> facts)
    {
        foreach (var (name, value) in facts)
            Write($"{name} {value}".Split(' '), " ", "ink-2");
    }

    /// <summary>Writes facts below a figure, and returns its height with them, in pixels.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="size">Its width and its height without them, in pixels.</param>
    /// <param name="facts">The facts; none leaves the figure as it is.</param>
    public static double WriteFoot(
        SvgFigure figure, (double Width, double Height) size, IEnumerable<(string Name, string Value)> facts)
    {
        const double Margin = 12;
        var column = new FigureColumn(figure, Margin, size.Width) { At = size.Height };
        column.WriteFacts(facts);
        return column.At > size.Height ? column.At + Margin : size.Height;
    }

    /// <summary>Writes notices as running text.</summary>
    public void WriteNotices(IEnumerable<string> notices) =>
        Write(notices.SelectMany(notice => TraceWords.Notice(notice).Split(' ')), " ", "ink-3");
}
