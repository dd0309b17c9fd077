namespace RatIlgpu.Html;

/// <summary>Draws a layout of paths as a part of a static figure, as the page of the layout does.</summary>
sealed record SankeyFigure
{
    // In pixels. A thinner ribbon could not be seen.
    const double LeastRibbon = 1.5;

    const double Baseline = 12;

    /// <summary>Gets the layout.</summary>
    public required SankeyLayout Layout { get; init; }

    /// <summary>Gets the function that returns the visible text of a position.</summary>
    public required Func<int, string> TextOf { get; init; }

    /// <summary>Gets the labels; null, the default, places one beside each bar where there is room.</summary>
    public ImmutableArray<Label>? Names { get; init; }

    /// <summary>Gets the position at which all paths end.</summary>
    public required int Target { get; init; }

    /// <summary>Gets the function that returns the colour of a ribbon; null, the default, gives each path its hue, with
    /// a dash inside where hues repeat.</summary>
    public Func<Ribbon, (string Light, string Dark)>? RibbonColour { get; init; }

    /// <summary>Gets the function that returns the colour of the bar of a position; null for the usual one.</summary>
    public Func<int, (string Light, string Dark)?> BarColour { get; init; } = _ => null;

    /// <summary>Gets the function that tells whether the label of a position has a dashed box.</summary>
    public Func<int, bool> IsBoxed { get; init; } = _ => false;

    /// <summary>Returns the hue of a path.</summary>
    public static (string Light, string Dark) HueOf(int path) => Palette.Paths[path % Palette.Paths.Length];

    /// <summary>Returns the attributes of the line inside a ribbon that tells paths of one hue apart; null for the
    /// first paths, which need none.</summary>
    public static string? DashOf(int path) => (path / Palette.Paths.Length) switch
    {
        0 => null,
        1 => " stroke-dasharray=\"10 6\"",
        _ => " stroke-dasharray=\"1.5 5\" stroke-linecap=\"round\"",
    };

    /// <summary>Writes the diagram.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="x">The left edge.</param>
    /// <param name="y">The top edge.</param>
    public void WriteTo(SvgFigure figure, double x, double y) => figure.Group(x, y, () =>
    {
        if (RibbonColour is not null)
            foreach (var ribbon in Layout.Ribbons)
                figure.Path(RibbonCurve.Of(ribbon.Line), figure.Named("line-2"), WidthOf(ribbon) + 2);
        foreach (var ribbon in Layout.Ribbons)
            WriteRibbon(figure, ribbon);
        foreach (var bar in Layout.Bars)
            WriteBar(figure, bar);
        foreach (var label in Names ?? Labels.Of(Layout, TextOf))
            WriteLabel(figure, label);
    });

    static double WidthOf(Ribbon ribbon) => Math.Max(LeastRibbon, ribbon.Width);

    void WriteRibbon(SvgFigure figure, Ribbon ribbon)
    {
        var line = RibbonCurve.Of(ribbon.Line);
        figure.Path(line, figure.Of(RibbonColour?.Invoke(ribbon) ?? HueOf(ribbon.Path)), WidthOf(ribbon));
        if (RibbonColour is null && DashOf(ribbon.Path) is { } dash)
            figure.Path(line, figure.Named("surface"), 1.5, dash);
    }

    void WriteBar(SvgFigure figure, TokenBar bar)
    {
        var (left, top, width, height) = bar.Drawn;
        var usual = figure.Named(bar.Position == Target ? "bar-target" : "bar");
        if (BarColour(bar.Position) is { } colour)
            figure.Rect(left, top, width, height, figure.Of(colour), $" rx=\"2\" stroke=\"{figure.Named("ink")}\"");
        else
            figure.Rect(left, top, width, height, usual, " rx=\"2\"");
    }

    // Behind each label is a plate, on which it can be read whatever ribbons run below.
    void WriteLabel(SvgFigure figure, Label label)
    {
        var box = label.Box;
        var plate = IsBoxed(label.Position)
            ? $" stroke=\"{figure.Named("ink")}\" stroke-width=\"1.5\" stroke-dasharray=\"3 2\""
            : " fill-opacity=\"0.88\"";
        figure.Rect(box.Left - 3, box.Top, box.Width + 6, box.Height, figure.Named("surface"), plate);
        var (anchor, at) = label.Anchor;
        figure.Text(
            at, box.Top + Baseline, label.Text, new(figure.Named("ink"), 13, anchor, IsMono: true),
            label.Position.ToString(CultureInfo.InvariantCulture));
    }
}
