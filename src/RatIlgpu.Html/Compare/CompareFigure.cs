namespace RatIlgpu.Html;

/// <summary>Two traces or flows as a static figure: both diagrams to one scale, coloured by the difference of
/// shares.</summary>
sealed class CompareFigure
{
    // In pixels.
    const double Margin = 16, Line = 16, LeastWidth = 640;

    static readonly ImmutableArray<string> Boxes =
        ["Dashed box:", "another token than in the other text,", "or none there."];

    readonly Comparison comparison;
    readonly ComparePageOptions options;
    readonly SvgFigure figure;
    readonly ImmutableArray<Side> sides;
    readonly double width;
    double at = 28;

    CompareFigure(Comparison comparison, ComparePageOptions options)
    {
        (this.comparison, this.options) = (comparison, options);
        figure = new(options.Theme);
        sides =
        [
            new(comparison.SideA, "A", options.NameA, comparison.SideA.Draw()),
            new(comparison.SideB, "B", options.NameB, comparison.SideB.Draw()),
        ];
        width = Math.Max(LeastWidth, sides.Max(side => side.Drawing.Width));
    }

    /// <summary>Returns the figure of a comparison.</summary>
    public static string ToSvg(Comparison comparison, ComparePageOptions options) =>
        new CompareFigure(comparison, options).Draw();

    string Draw()
    {
        var title = options.Title ?? "";
        var shown = TokenGlyphs.Line(title, (int)((width - (2 * Margin)) / SvgFigure.WidthOf("m") * 0.7));
        figure.Text(Margin, at, shown, new(figure.Named("ink"), 15, IsBold: true));
        foreach (var side in sides)
            Write(side);
        if (comparison.AreEqual)
            WriteLines([$"Both {comparison.Words.Both} are equal: there is no difference to show."], "", "ink");
        WriteScale();
        WriteLines([.. comparison.Words.Reading, .. comparison.Words.Widths, .. Boxes], " ", "ink-3");
        return figure.ToSvg(width, at + Margin, title);
    }

    void Write(Side side)
    {
        at += 24;
        figure.Text(Margin, at, side.Letter, new(figure.Named("ink"), 13, IsBold: true));
        var name = FigureText.Clip(TraceWords.Name(side.Name), width - 48);
        figure.Text(Margin + 16, at, name, new(figure.Named("ink-2"), IsMono: true));
        WriteLines(side.Shown.Facts.Select(fact => $"{fact.Name} {fact.Value}"), "\u2003", "ink-2");
        if (side.Shown.WhyEmpty is { } reason)
        {
            WriteLines(reason.Split(' '), " ", "ink");
            return;
        }

        side.Drawing.WriteTo(figure, (width - side.Drawing.Width) / 2, at += 8);
        at += side.Drawing.Height;
    }

    void WriteLines(IEnumerable<string> parts, string between, string ink)
    {
        foreach (var line in FigureText.Lines(parts, between, width - (2 * Margin)))
            figure.Text(Margin, at += Line, FigureText.Clip(line, width), new(figure.Named(ink)));
    }

    void WriteScale()
    {
        const double Step = 14;
        at += 20;
        var x = Margin;
        foreach (var colour in Palette.MoreInA.Reverse().Append(Palette.Named["surface-2"]).Concat(Palette.MoreInB))
        {
            figure.Rect(x, at - 9, Step, 10, figure.Of(colour));
            x += Step;
        }

        figure.Text(
            x + 8, at, $"Difference of share: blue more in A, orange more in B; steps at {comparison.Scale.ToString()}",
            new(figure.Named("ink-2")));
    }

    /// <summary>One of the two results.</summary>
    sealed record Side(ComparedSide Shown, string Letter, string Name, SideDrawing Drawing);
}
