namespace RatIlgpu.Html;

/// <summary>A flow as a static figure.</summary>
sealed class FlowFigure : PathFigure
{
    // In pixels.
    const double NumbersWidth = 130;

    readonly FlowView view;
    readonly FlowLayout layout;

    FlowFigure(FlowView view, FlowLayout layout, FlowPageOptions options)
        : base(
            options.Theme, FlowWords.TitleOf(view.Whole, options), (layout.Drawing.Width, layout.Drawing.Height)) =>
        (this.view, this.layout) = (view, layout);

    protected override int Count => view.Result.Paths.Length;

    protected override IEnumerable<string> Reading =>
        $"{FlowWords.Reading} A ribbon is as wide as the probability of its path.".Split(' ');

    /// <summary>Returns the figure of a flow.</summary>
    public static string ToSvg(FlowResult result, FlowPageOptions options)
    {
        var view = new FlowView(result);
        return new FlowFigure(view, view.Layout(), options).Draw(
            FlowWords.Facts(view.Whole), FlowWords.WhyEmpty(view.Whole), view.Result.Notices);
    }

    protected override void WriteDiagram(double x, double y) => FlowDrawing.Write(Figure, view, layout, (x, y));

    protected override PathRowText RowOf(int path) => new(
        $"probability {FlowWords.Chance(view.Result.Paths[path].Probability)}", NumbersWidth, view.Routes[path]);
}
