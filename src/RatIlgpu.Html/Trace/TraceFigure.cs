using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>A trace as a static figure: what was traced, the diagram of the paths, and the paths as a list.</summary>
sealed class TraceFigure
{
    // In pixels.
    const double Margin = 16, Line = 16, Row = 22, LeastWidth = 640, NumbersWidth = 150;

    // A list of more paths would be longer than a page of paper.
    const int MostPaths = 20;

    static readonly ImmutableArray<string> Reading =
    [
        "Read from right to left:", "the target attends", "to the tokens on its left.", "A ribbon is a step of a path;",
        "its width and the height of a bar", "are the share of the paths through it.",
    ];

    readonly TraceView view;
    readonly SvgFigure figure;
    readonly SankeyLayout layout;
    readonly string title;
    readonly double width;
    readonly FigureColumn column;

    TraceFigure(TraceResult result, TracePageOptions options)
    {
        view = new(result);
        figure = new(options.Theme);
        layout = view.LayoutOf(ColumnMode.Hops);
        title = TraceWords.TitleOf(options.Title, result.Origin, TraceWords.Title);
        width = Math.Max(LeastWidth, layout.Width);
        column = new(figure, Margin, width) { At = 28 };
    }

    /// <summary>Returns the figure of a trace.</summary>
    public static string ToSvg(TraceResult result, TracePageOptions options) => new TraceFigure(result, options).Draw();

    string Draw()
    {
        column.WriteTitle(title);
        column.Write(TraceWords.Facts(view.Whole).Select(fact => $"{fact.Name} {fact.Value}"), "\u2003", "ink-2");
        if (TraceWords.WhyEmpty(view.Whole) is { } reason)
            column.Write(reason.Split(' '), " ", "ink");
        else
            WritePaths();
        column.WriteNotices(view.Result.Notices);
        return figure.ToSvg(width, column.At + Margin, title);
    }

    void WritePaths()
    {
        new SankeyFigure { Layout = layout, TextOf = view.TextOf, Target = view.Result.TargetPosition }
            .WriteTo(figure, (width - layout.Width) / 2, column.At += Line);
        column.At += layout.Height;
        var weights = view.Result.Options.Weights;
        ImmutableArray<string> ofScores = weights == AttentionWeights.Standard
            ? []
            : [$"Scores are logarithms of the {PathText.MeasureOf(weights)}", "of the steps."];
        column.Write([.. Reading, .. ofScores], " ", "ink-3");
        column.At += Line;
        var paths = view.Result.Paths;
        foreach (var path in Enumerable.Range(0, Math.Min(MostPaths, paths.Length)))
            WritePath(path);
        if (paths.Length > MostPaths)
            column.Write([$"and {paths.Length - MostPaths} more paths"], "", "ink-3");
    }

    void WritePath(int path)
    {
        var (score, share) = (view.Result.Paths[path].Score, TraceWords.Percent(view.Result.PathWeights[path]));
        PathRow.Write(figure, path, (Margin, column.At), width - (2 * Margin), new(
            string.Create(CultureInfo.InvariantCulture, $"score {score:F3} · {share}"), NumbersWidth,
            PromptRow.RouteOf(view.Result, view.Result.Paths[path])));
        column.At += Row;
    }
}
