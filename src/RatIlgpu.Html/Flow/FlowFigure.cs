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
    readonly FigureColumn column;

    FlowFigure(FlowResult result, FlowPageOptions options)
    {
        view = new(result);
        layout = view.Layout();
        figure = new(options.Theme);
        title = FlowWords.TitleOf(result, options);
        width = Math.Max(LeastWidth, layout.Drawing.Width);
        column = new(figure, Margin, width) { At = 28 };
    }

    /// <summary>Returns the figure of a flow.</summary>
    public static string ToSvg(FlowResult result, FlowPageOptions options) => new FlowFigure(result, options).Draw();

    string Draw()
    {
        column.WriteTitle(title);
        column.Write(FlowWords.Facts(view.Whole).Select(fact => $"{fact.Name} {fact.Value}"), "\u2003", "ink-2");
        if (FlowWords.WhyEmpty(view.Whole) is { } reason)
            column.Write(reason.Split(' '), " ", "ink");
        else
            WritePaths();
        column.WriteNotices(view.Result.Notices);
        return figure.ToSvg(width, column.At + Margin, title);
    }

    void WritePaths()
    {
        FlowDrawing.Write(figure, view, layout, ((width - layout.Drawing.Width) / 2, column.At += Line));
        column.At += layout.Drawing.Height;
        column.Write(
            $"{FlowWords.Reading} A ribbon is as wide as the probability of its path.".Split(' '), " ", "ink-3");
        column.At += Line;
        var paths = view.Result.Paths;
        foreach (var (path, found) in paths.Index().Take(MostPaths))
        {
            PathRow.Write(figure, path, (Margin, column.At), width - (2 * Margin), new(
                $"probability {FlowWords.Chance(found.Probability)}", NumbersWidth, view.Routes[path]));
            column.At += Row;
        }

        if (paths.Length > MostPaths)
            column.Write([$"and {paths.Length - MostPaths} more paths"], "", "ink-3");
    }
}
