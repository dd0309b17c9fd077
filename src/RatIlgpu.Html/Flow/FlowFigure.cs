namespace RatIlgpu.Html;

/// <summary>A flow as a static figure: what was traced, the diagram of the paths, and the paths as a list.</summary>
sealed class FlowFigure
{
    // In pixels.
    const double Margin = 16, Line = 16, Row = 22, LeastWidth = 640, NumbersWidth = 130;

    // A list of more paths would be longer than a page of paper.
    const int MostPaths = 20;

    readonly FlowView view;
    readonly FlowLayout layout;
    readonly SvgFigure figure;
    readonly string title;
    readonly double width;
    double at = 28;

    FlowFigure(FlowResult result, FlowPageOptions options)
    {
        view = new(result);
        layout = view.Layout();
        figure = new(options.Theme);
        title = FlowWords.TitleOf(result, options.Title);
        width = Math.Max(LeastWidth, layout.Drawing.Width);
    }

    /// <summary>Returns the figure of a flow.</summary>
    public static string ToSvg(FlowResult result, FlowPageOptions options) => new FlowFigure(result, options).Draw();

    string Draw()
    {
        figure.Heading(Margin, at, title);
        WriteLines(FlowWords.Facts(view.Whole).Select(fact => $"{fact.Name} {fact.Value}"), "\u2003", "ink-2");
        if (FlowWords.WhyEmpty(view.Whole) is { } reason)
            WriteLines(reason.Split(' '), " ", "ink");
        else
            WritePaths();
        WriteLines(view.Result.Notices.SelectMany(notice => TraceWords.Notice(notice).Split(' ')), " ", "ink-3");
        return figure.ToSvg(width, at + Margin, title);
    }

    void WritePaths()
    {
        FlowDrawing.Write(figure, view, layout, ((width - layout.Drawing.Width) / 2, at += Line));
        at += layout.Drawing.Height;
        WriteLines(
            $"{FlowWords.Reading} A ribbon is as wide as the probability of its path.".Split(' '), " ", "ink-3");
        at += Line;
        var paths = view.Result.Paths;
        foreach (var (path, found) in paths.Index().Take(MostPaths))
        {
            PathRow.Write(figure, path, (Margin, at), width - (2 * Margin), new(
                $"probability {FlowWords.Chance(found.Probability)}", NumbersWidth, view.Routes[path]));
            at += Row;
        }

        if (paths.Length > MostPaths)
            WriteLines([$"and {paths.Length - MostPaths} more paths"], "", "ink-3");
    }

    void WriteLines(IEnumerable<string> parts, string between, string ink)
    {
        foreach (var line in FigureText.Lines(parts, between, width - (2 * Margin)))
            figure.Text(Margin, at += Line, FigureText.Clip(line, width), new(figure.Named(ink)));
    }
}
