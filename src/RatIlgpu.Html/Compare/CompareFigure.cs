namespace RatIlgpu.Html;

/// <summary>Two traces or flows as a static figure: both diagrams to one scale, coloured by the difference of
/// shares.</summary>
sealed class CompareFigure
{
    // In pixels.
    const double Margin = 16, LeastWidth = 640;

    static readonly ImmutableArray<string> Boxes =
        ["Dashed box:", "another token than in the other text,", "or none there."];

    readonly Comparison comparison;
    readonly ComparePageOptions options;
    readonly SvgFigure figure;
    readonly ImmutableArray<Side> sides;
    readonly double width;
    readonly FigureColumn column;

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
        column = new(figure, Margin, width) { At = 28 };
    }

    /// <summary>Returns the figure of a comparison.</summary>
    public static string ToSvg(Comparison comparison, ComparePageOptions options) =>
        new CompareFigure(comparison, options).Draw();

    string Draw()
    {
        var title = options.Title ?? "";
        column.WriteTitle(title);
        foreach (var side in sides)
            Write(side);
        if (comparison.AreEqual)
            column.Write([$"Both {comparison.Words.Both} are equal: there is no difference to show."], "", "ink");
        WriteScale();
        column.Write([.. comparison.Words.Reading, .. comparison.Words.Widths, .. Boxes], " ", "ink-3");
        return figure.ToSvg(width, column.At + Margin, title);
    }

    void Write(Side side)
    {
        column.At += 24;
        figure.Text(Margin, column.At, side.Letter, new(figure.Named("ink"), 13, IsBold: true));
        var name = FigureText.Clip(TraceWords.Name(side.Name), width - 48);
        figure.Text(Margin + 16, column.At, name, new(figure.Named("ink-2"), IsMono: true));
        column.Write(side.Shown.Facts.Select(fact => $"{fact.Name} {fact.Value}"), "\u2003", "ink-2");
        if (side.Shown.WhyEmpty is { } reason)
        {
            column.Write(reason.Split(' '), " ", "ink");
            return;
        }

        side.Drawing.WriteTo(figure, (width - side.Drawing.Width) / 2, column.At += 8);
        column.At += side.Drawing.Height;
    }

    void WriteScale()
    {
        const double Step = 14;
        column.At += 20;
        var x = Margin;
        foreach (var colour in Palette.MoreInA.Reverse().Append(Palette.Named["surface-2"]).Concat(Palette.MoreInB))
        {
            figure.Rect(x, column.At - 9, Step, 10, figure.Of(colour));
            x += Step;
        }

        figure.Text(
            x + 8, column.At,
            $"Difference of share: blue more in A, orange more in B; steps at {comparison.Scale.ToString()}",
            new(figure.Named("ink-2")));
    }

    /// <summary>One of the two results.</summary>
    sealed record Side(ComparedSide Shown, string Letter, string Name, SideDrawing Drawing);
}
