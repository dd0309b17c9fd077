namespace RatIlgpu.Html;

/// <summary>Draws the layout of a flow as a part of a static figure, as the page does.</summary>
static class FlowDrawing
{
    // Of the names of layers, in pixels.
    const double HeadLevel = 16;

    /// <summary>Draws it.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="view">The flow.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="at">The upper left corner.</param>
    public static void Write(SvgFigure figure, FlowView view, FlowLayout layout, (double X, double Y) at) => Write(
        figure, layout, at, new()
        {
            Layout = layout.Drawing,
            TextOf = view.TextOf,
            Target = TargetOf(layout),
        });

    /// <summary>Draws it with other colours.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="at">The upper left corner.</param>
    /// <param name="paths">How the paths are drawn; without labels.</param>
    public static void Write(SvgFigure figure, FlowLayout layout, (double X, double Y) at, SankeyFigure paths)
    {
        figure.Group(at.X, at.Y, () =>
        {
            foreach (var lane in layout.Lanes)
                figure.Path(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"M0 {lane.Top + (lane.Height / 2):0.#}H{layout.Drawing.Width:0.#}"),
                    figure.Named("line"), 1);
            foreach (var (x, text) in layout.Heads)
                figure.Text(x, HeadLevel, text, new(figure.Named("ink-3"), 11, "middle"));
        });
        (paths with { Names = [.. layout.Lanes.Select(lane => lane.Label)] }).WriteTo(figure, at.X, at.Y);
    }

    /// <summary>Returns the place at which all paths end; −1 if there are none.</summary>
    public static int TargetOf(FlowLayout layout) =>
        layout.Drawing.Bars.IsEmpty ? -1 : layout.Drawing.Bars[^1].Position;
}
