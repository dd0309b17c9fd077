using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>A trace as a static figure.</summary>
sealed class TraceFigure : PathFigure
{
    // In pixels.
    const double NumbersWidth = 150;

    static readonly ImmutableArray<string> OfDiagram =
    [
        "Read from right to left:", "the target attends", "to the tokens on its left.", "A ribbon is a step of a path;",
        "its width and the height of a bar", "are the share of the paths through it.",
    ];

    readonly TraceView view;
    readonly SankeyLayout layout;

    TraceFigure(TraceView view, SankeyLayout layout, TracePageOptions options)
        : base(
            options.Theme, TraceWords.TitleOf(options.Title, view.Whole.Origin, TraceWords.Title),
            (layout.Width, layout.Height)) => (this.view, this.layout) = (view, layout);

    protected override int Count => view.Result.Paths.Length;

    protected override IEnumerable<string> Reading => view.Result.Options.Weights is var weights
        && weights == AttentionWeights.Standard
            ? OfDiagram
            : [.. OfDiagram, $"Scores are logarithms of the {PathText.MeasureOf(weights)}", "of the steps."];

    /// <summary>Returns the figure of a trace.</summary>
    public static string ToSvg(TraceResult result, TracePageOptions options)
    {
        var view = new TraceView(result);
        return new TraceFigure(view, view.LayoutOf(ColumnMode.Hops), options).Draw(
            TraceWords.Facts(view.Whole), TraceWords.WhyEmpty(view.Whole), view.Result.Notices);
    }

    protected override void WriteDiagram(double x, double y) =>
        new SankeyFigure { Layout = layout, TextOf = view.TextOf, Target = view.Result.TargetPosition }
            .WriteTo(Figure, x, y);

    protected override PathRowText RowOf(int path)
    {
        var (score, share) = (view.Result.Paths[path].Score, TraceWords.Percent(view.Result.PathWeights[path]));
        return new(
            string.Create(CultureInfo.InvariantCulture, $"score {score:F3} · {share}"), NumbersWidth,
            PromptRow.RouteOf(view.Result, view.Result.Paths[path]));
    }
}
