namespace RatIlgpu.Html;

/// <summary>Draws patches as static figures: a matrix, or of several sources a diagram of the strongest
/// paths.</summary>
sealed class PatchFigure(PatchSheet sheet, PatchRanks ranks, string title, PageTheme theme)
{
    // More curves hide each other on paper.
    const int MostCurves = 32;

    /// <summary>Returns the figure of effects; of several pairs, of their means.</summary>
    public string ToSvg() => sheet.Sources.Length > 1 ? Paths() : Matrix();

    string Matrix()
    {
        var rows = sheet.AxisOf("layer");
        var columns = sheet.AxisOf("head") is >= 0 and var head
            ? head
            : sheet.AxisOf("position");
        var cells = Strongest(rows, columns);
        var most = MostOf(cells.Values);
        return new HeatFigure
        {
            Title = title,
            Rows = LabelsOf(rows),
            Columns = LabelsOf(columns),
            RowTitle = sheet.Axes[rows].Title,
            ColumnTitle = columns < 0 ? "" : sheet.Axes[columns].Title,
            Shade = (row, column) => cells.TryGetValue((row, column), out var effect)
                ? most == 0 ? 0 : effect / most
                : null,
            IsSigned = true,
            Ends = (PatchWords.Number(-most), PatchWords.Number(most)),
            Scale = sheet.Axes.Length > (columns < 0 ? 1 : 2) + sheet.SourceAxes
                ? $"{Effect}, strongest of all {Others(rows, columns)}"
                : Effect,
            Facts = PatchWords.PaddingOf(sheet),
        }.ToSvg(theme);
    }

    string Effect => sheet.Pairs.Length > 1 ? $"effect, mean of {sheet.Pairs.Length} pairs" : "effect";

    string Others(int rows, int columns) => string.Join(" and ", sheet.Axes
        .Where((_, axis) => axis >= sheet.SourceAxes && axis != rows && axis != columns)
        .Select(axis => axis.Title.ToLowerInvariant() + "s"));

    ImmutableArray<string> LabelsOf(int axis) => axis < 0
        ? [""]
        : sheet.Axes[axis].Labels is { IsEmpty: false } labels
            ? labels
            : [.. Enumerable.Range(0, sheet.Axes[axis].Length).Select(sheet.TokenAt)];

    Dictionary<(int Row, int Column), double> Strongest(int rows, int columns)
    {
        var found = new Dictionary<(int, int), double>();
        for (var index = 0; index < sheet.Count; index++)
        {
            var effect = ranks.Effects[index];
            if (double.IsNaN(effect))
                continue;
            var places = sheet.PlacesOf(index);
            var cell = (places[rows], columns < 0 ? 0 : places[columns]);
            if (!found.TryGetValue(cell, out var other) || Math.Abs(effect) > Math.Abs(other))
                found[cell] = effect;
        }

        return found;
    }

    static double MostOf(IEnumerable<double> effects) =>
        effects.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();

    string Paths()
    {
        const double Head = 34;
        var (figure, diagram) = (new SvgFigure(theme), sheet.Diagram());
        var drawn = ranks.Strongest(MostCurves);
        var most = MostOf(drawn.Select(index => ranks.Effects[index]));
        var (plus, minus) = (figure.Of(Palette.Signed[10]), figure.Of(Palette.Signed[2]));
        var heading = figure.Heading(12, 20, title);
        // The strongest lie on top.
        foreach (var index in drawn.Reverse())
        {
            var effect = ranks.Effects[index];
            var share = most == 0 ? 0 : Math.Abs(effect) / most;
            figure.Path(
                sheet.CurveOf(diagram, index).Below(Head).ToString(),
                effect < 0 ? minus : plus,
                EdgeDiagram.WidthOf(share),
                effect < 0 ? " stroke-dasharray=\"9 4\"" : "");
        }

        foreach (var node in diagram.Nodes)
            DrawNode(figure, node, drawn, Head);
        foreach (var layer in diagram.Nodes.DistinctBy(node => node.Head.Layer))
            figure.Text(
                layer.Left + (EdgeDiagram.NodeWidth / 2), Head + 20,
                string.Create(CultureInfo.InvariantCulture, $"Layer {layer.Head.Layer}"),
                new(figure.Named("ink-3"), Anchor: "middle"));
        var (height, legend) = (Head + diagram.Height, new SvgText(figure.Named("ink-2")));
        figure.Text(12, height + 12, string.Create(
            CultureInfo.InvariantCulture,
            $"The {(drawn.Length == 1 ? "strongest path" : $"{drawn.Length} strongest paths")}. "
            + $"Width: {Effect}, up to {PatchWords.Number(most)}; dashed: it lowers "
            + $"the metric."), legend);
        var width = Math.Max(diagram.Width, heading + 12);
        var facts = PatchWords.PaddingOf(sheet);
        return figure.ToSvg(width, FigureColumn.WriteFoot(figure, (width, height + 26), facts), title);
    }

    void DrawNode(SvgFigure figure, DiagramNode node, ImmutableArray<int> drawn, double down)
    {
        var isUsed = drawn.Any(index => sheet.IsAt(node, index));
        figure.Rect(
            node.Left, node.Top + down, EdgeDiagram.NodeWidth, EdgeDiagram.NodeHeight, figure.Named("surface"),
            $" rx=\"4\" stroke=\"{figure.Named(isUsed ? "line-2" : "line")}\"");
        figure.Text(
            node.Left + (EdgeDiagram.NodeWidth / 2), node.Top + down + (EdgeDiagram.NodeHeight / 2) + 4, node.Name,
            new(figure.Named(isUsed ? "ink" : "ink-3"), Anchor: "middle", IsMono: true));
    }
}
