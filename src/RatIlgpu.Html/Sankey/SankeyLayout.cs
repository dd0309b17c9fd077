namespace RatIlgpu.Html;

/// <summary>The layout of a diagram of paths.</summary>
sealed record SankeyLayout(double Width, double Height, ImmutableArray<TokenBar> Bars, ImmutableArray<Ribbon> Ribbons)
{
    /// <summary>The width of a token's bar, in pixels.</summary>
    public const double BarWidth = 10;

    // Room for a label of about 13 letters, beside the first and the last column.
    const double SideMargin = 132;
    const double TopMargin = 34;
    const double BottomMargin = 22;
    const double WishedWidth = 960;
    const double WishedHeight = 400;
    const double HighestPath = 72;

    /// <summary>Lays out paths. The numbering of the paths does not change the drawing.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="mode">The meaning of the columns.</param>
    /// <param name="unit">Pixels per weight. Default: <see cref="UnitOf(PathSet, ColumnMode)"/>.</param>
    public static SankeyLayout Of(PathSet paths, ColumnMode mode, double? unit = null)
    {
        var order = paths.CanonicalOrder();
        var canonical = paths.Reorder(order);
        return Of(LayeredGraph.Of(canonical, ColumnAssignment.Of(canonical, mode)), order, mode, unit);
    }

    /// <summary>Lays out a graph whose paths are in canonical order.</summary>
    public static SankeyLayout Of(
        LayeredGraph graph, ImmutableArray<int> order, ColumnMode mode, double? unit = null)
    {
        Ordering.Reduce(graph);
        Routes.AssignLanes(graph);
        var scale = unit ?? UnitOf(graph);
        Placement.Place(graph, scale);
        return Draw(graph, order, scale, StepOf(graph, mode));
    }

    /// <summary>Returns the pixels per weight of a drawing of these paths alone.</summary>
    public static double UnitOf(PathSet paths, ColumnMode mode)
    {
        var canonical = paths.Reorder(paths.CanonicalOrder());
        var graph = LayeredGraph.Of(canonical, ColumnAssignment.Of(canonical, mode));
        Ordering.Reduce(graph);
        return UnitOf(graph);
    }

    static SankeyLayout Draw(LayeredGraph graph, ImmutableArray<int> order, double unit, double step)
    {
        var vertices = graph.Columns.SelectMany(column => column).ToList();
        foreach (var vertex in vertices)
            vertex.Top += TopMargin;
        var bars = vertices.Where(vertex => vertex.IsToken).OrderBy(vertex => vertex.Key)
            .Select(vertex => new TokenBar(vertex.Key, LeftOf(vertex.Column), vertex.Top, vertex.Share * unit));
        var byPath = Enumerable.Range(0, order.Length).OrderBy(path => order[path])
            .SelectMany(path => RibbonsOf(path).Select(ribbon => ribbon with { Path = order[path] }));
        var right = LeftOf(Math.Max(0, graph.Columns.Length - 1)) + BarWidth;
        var bottom = vertices.Select(vertex => vertex.Top + (vertex.Share * unit)).DefaultIfEmpty(TopMargin).Max();
        return new(right + SideMargin, bottom + BottomMargin, [.. bars], [.. byPath]);

        double LeftOf(int column) => SideMargin + (column * step);

        // A ribbon is one step of the path.
        IEnumerable<Ribbon> RibbonsOf(int path)
        {
            var (route, weight, start) = (graph.Routes[path], graph.Paths.Weights[path], 0);
            for (var end = 1; end < route.Length; end++)
                if (route[end].IsToken)
                {
                    var part = route[start..(end + 1)];
                    var line = part.Select((vertex, i) => Point(vertex, path, i == 0, i + start == end));
                    yield return new(path, part[0].Key, part[^1].Key, weight * unit, [.. line]);
                    start = end;
                }
        }

        (double X, double Y) Point(Vertex vertex, int path, bool first, bool last)
        {
            var lane = first ? vertex.RightLanes[path] : vertex.LeftLanes[path];
            return (LeftOf(vertex.Column) + (first ? BarWidth : last ? 0 : BarWidth / 2), vertex.Top + (lane * unit));
        }
    }

    // The drawing is as wide as a usual screen if its labels stay readable; a wider drawing scrolls.
    static double StepOf(LayeredGraph graph, ColumnMode mode)
    {
        var even = (WishedWidth - (2 * SideMargin)) / Math.Max(1, graph.Columns.Length - 1);
        return mode == ColumnMode.Hops ? Math.Clamp(even, 92, 200) : Math.Clamp(even, 74, 140);
    }

    // All drawn paths together get as many pixels as the gaps leave, but few paths are not drawn thick. Gaps never take
    // all of the height, as they do elsewhere (findings/sankey-vanishing-bars.sh).
    static double UnitOf(LayeredGraph graph) => Math.Min(
        Math.Clamp(WishedHeight - graph.Columns.Select(Placement.GapsOf).DefaultIfEmpty().Max(), 90, 260),
        HighestPath * graph.Routes.Length) / graph.Paths.Total;
}

/// <summary>The bar of a token; its height shows the share of the paths through the token.</summary>
sealed record TokenBar(int Position, double Left, double Top, double Height)
{
    // A token of weight 0 stays visible and can be clicked.
    const double LeastHeight = 3;

    /// <summary>Gets the width, in pixels.</summary>
    public double Width { get; init; } = SankeyLayout.BarWidth;

    /// <summary>Gets the rectangle that is drawn.</summary>
    public Box Drawn
    {
        get
        {
            var missing = Math.Max(0, LeastHeight - Height);
            return new(Left, Top - (missing / 2), Width, Height + missing);
        }
    }
}

/// <summary>One step of one path as drawn: a band around a line from key to query.</summary>
/// <param name="Path">The path's index.</param>
/// <param name="Key">The earlier position.</param>
/// <param name="Query">The later position.</param>
/// <param name="Width">The width of the band, in pixels.</param>
/// <param name="Line">The points of the line, left to right; it is level at both ends.</param>
sealed record Ribbon(int Path, int Key, int Query, double Width, ImmutableArray<(double X, double Y)> Line);

/// <summary>A rectangle of a drawing, in pixels.</summary>
readonly record struct Box(double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;

    /// <summary>Returns whether two rectangles share an area; edges can touch.</summary>
    public bool Overlaps(Box other) =>
        Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    /// <summary>Returns whether the rectangle lies inside a drawing.</summary>
    public bool IsInside(SankeyLayout drawing) =>
        Left >= 0 && Top >= 0 && Right <= drawing.Width && Bottom <= drawing.Height;
}
