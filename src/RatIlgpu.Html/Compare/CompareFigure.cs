namespace RatIlgpu.Html;

/// <summary>Two traces as a static figure: both diagrams to one scale, coloured by the difference of shares.</summary>
sealed class CompareFigure
{
    // In pixels.
    const double Margin = 16, Line = 16, LeastWidth = 640;

    static readonly ImmutableArray<string> Reading =
    [
        "Read from right to left:", "the target attends", "to the tokens on its left.",
        "Bars and ribbons are as high as their share of path weight,", "to one scale in both diagrams.",
        "Dashed box:", "another token than in the other text,", "or none there.",
    ];

    readonly TraceComparison comparison;
    readonly ComparePageOptions options;
    readonly SvgFigure figure;
    readonly ImmutableArray<Side> sides;
    readonly double width;
    double at = 28;

    CompareFigure(TraceComparison comparison, ComparePageOptions options)
    {
        (this.comparison, this.options) = (comparison, options);
        figure = new(options.Theme);
        var unit = ComparePage.UnitOf(comparison, ColumnMode.Hops);
        sides =
        [
            new(comparison, comparison.A, comparison.WholeA, "A", options.NameA, unit),
            new(comparison, comparison.B, comparison.WholeB, "B", options.NameB, unit),
        ];
        width = Math.Max(LeastWidth, sides.Max(side => side.Layout.Width));
    }

    /// <summary>Returns the figure of a comparison.</summary>
    public static string ToSvg(TraceComparison comparison, ComparePageOptions options) =>
        new CompareFigure(comparison, options).Draw();

    string Draw()
    {
        var title = options.Title ?? "";
        var shown = TokenGlyphs.Line(title, (int)((width - (2 * Margin)) / SvgFigure.WidthOf("m") * 0.7));
        figure.Text(Margin, at, shown, new(figure.Named("ink"), 15, IsBold: true));
        foreach (var side in sides)
            Write(side);
        if (comparison.AreEqual)
            WriteLines(["Both traces are equal: there is no difference to show."], "", "ink");
        WriteScale();
        WriteLines(Reading, " ", "ink-3");
        return figure.ToSvg(width, at + Margin, title);
    }

    void Write(Side side)
    {
        at += 24;
        figure.Text(Margin, at, side.Letter, new(figure.Named("ink"), 13, IsBold: true));
        var name = FigureText.Clip(TraceWords.Name(side.Name), width - 48);
        figure.Text(Margin + 16, at, name, new(figure.Named("ink-2"), IsMono: true));
        var beside = side.Letter == "A" ? comparison.WholeB : comparison.WholeA;
        var facts = TraceWords.Facts(side.Whole, beside).Select(fact => $"{fact.Name} {fact.Value}");
        WriteLines(facts, "\u2003", "ink-2");
        if (TraceWords.WhyEmpty(side.Whole) is { } reason)
        {
            WriteLines(reason.Split(' '), " ", "ink");
            return;
        }

        side.Figure.WriteTo(figure, (width - side.Layout.Width) / 2, at += 8);
        at += side.Layout.Height;
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

    /// <summary>One of the two traces.</summary>
    sealed class Side
    {
        public Side(
            TraceComparison comparison, TraceResult trace, TraceResult whole, string letter, string name, double unit)
        {
            (Whole, Letter, Name) = (whole, letter, name);
            var view = new TraceView(trace, _ => unit);
            var isA = letter == "A";
            var tokens = comparison.Tokens.ToLookup(pair => isA ? pair.A : pair.B, comparison.Scale.ColourOf);
            var links = comparison.Links.ToLookup(pair => isA ? pair.A : pair.B, comparison.Scale.ColourOf);
            var counterparts = isA ? comparison.Alignment.BOfA : comparison.Alignment.AOfB;
            var other = new TraceView(isA ? comparison.B : comparison.A);
            Figure = new()
            {
                Layout = view.LayoutOf(ColumnMode.Hops),
                TextOf = view.TextOf,
                Target = trace.TargetPosition,
                RibbonColour = ribbon =>
                    links[view.LinkOf(ribbon)].FirstOrDefault() ?? Palette.Named["surface-2"],
                BarColour = position => tokens[position].FirstOrDefault(),
                IsBoxed = position => counterparts[position] is var there
                    && (there == Alignment.None || view.TextOf(position) != other.TextOf(there)),
            };
        }

        public TraceResult Whole { get; }

        public string Letter { get; }

        public string Name { get; }

        public SankeyFigure Figure { get; }

        public SankeyLayout Layout => Figure.Layout;
    }
}
