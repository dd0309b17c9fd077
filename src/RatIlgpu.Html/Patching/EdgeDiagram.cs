namespace RatIlgpu.Html;

/// <summary>Places heads and the direct paths between them: layers from left to right, heads from top to
/// bottom.</summary>
sealed class EdgeDiagram
{
    /// <summary>The size of a head.</summary>
    public const double NodeWidth = 46, NodeHeight = 18;

    /// <summary>The width of the weakest and of the strongest curve.</summary>
    public const double LeastWidth = 1.2, MostWidth = 7;

    const double RowStep = 28, BandGap = 14, Left = 12, Top = 34, Bottom = 16;

    const double HalfGap = (RowStep - NodeHeight) / 2;

    // Narrower columns leave no room for a curve to turn; wider ones make the eye lose it.
    const double LeastStep = 74, MostStep = 168, UsualWidth = 920;

    readonly Dictionary<(HeadIndex Head, bool IsSource), int> places = [];

    // The left edges of the columns, and the middles of the gaps above, between and below the rows.
    readonly ImmutableArray<double> columns, gaps;

    EdgeDiagram(ImmutableArray<DiagramNode> nodes, double width, double height)
    {
        (Nodes, Width, Height) = (nodes, width, height);
        columns = [.. nodes.Select(node => node.Left).Distinct().Order()];
        double[] rows = [.. nodes.Select(node => node.Top).Distinct().Order()];
        gaps =
        [
            .. rows.Take(1).Select(top => top - HalfGap),
            .. rows.Zip(rows.Skip(1), (above, below) => (above + NodeHeight + below) / 2),
            .. rows.TakeLast(1).Select(top => top + NodeHeight + HalfGap),
        ];
        foreach (var (i, node) in nodes.Index())
        {
            if (node.IsSource)
                places[(node.Head, true)] = i;
            if (node.IsDestination)
                places[(node.Head, false)] = i;
        }
    }

    /// <summary>Gets the heads, layer by layer.</summary>
    public ImmutableArray<DiagramNode> Nodes { get; }

    /// <summary>Gets the width of the drawing in pixels.</summary>
    public double Width { get; }

    /// <summary>Gets the height of the drawing in pixels.</summary>
    public double Height { get; }

    /// <summary>Places heads.</summary>
    /// <param name="sources">The sources of paths.</param>
    /// <param name="destinations">The destinations; the head is −1 where a path ends in a whole layer.</param>
    /// <param name="areQueryHeads">Whether destinations are counted as sources are: then one that is both is one
    /// head.</param>
    public static EdgeDiagram Of(
        IReadOnlyCollection<HeadIndex> sources, IReadOnlyCollection<HeadIndex> destinations, bool areQueryHeads)
    {
        var both = areQueryHeads ? sources.Intersect(destinations).ToHashSet() : [];
        // A key/value head or a whole layer stands below the query heads: it is another thing than a head of its
        // number.
        var asked = sources.Select(head => (Head: head, Band: 0, IsSource: true, IsDestination: both.Contains(head)))
            .Concat(destinations.Where(head => !both.Contains(head))
                .Select(head => (Head: head, Band: areQueryHeads ? 0 : 1, IsSource: false, IsDestination: true)))
            .OrderBy(node => (node.Head.Layer, node.Band, node.Head.Head)).ToList();
        var columns = Ranks(asked.Select(node => node.Head.Layer));
        var rows = Ranks(asked.Select(node => (node.Band, node.Head.Head)));
        var room = UsualWidth - NodeWidth - (2 * Left);
        var step = Math.Clamp(room / Math.Max(1, columns.Count - 1), LeastStep, MostStep);
        ImmutableArray<DiagramNode> nodes =
        [
            .. asked.Select(node => new DiagramNode(
                node.Head,
                NameOf(node.Head),
                node.IsSource,
                node.IsDestination,
                Left + (columns[node.Head.Layer] * step),
                Top + (rows[(node.Band, node.Head.Head)] * RowStep) + (node.Band * BandGap))),
        ];
        return new(
            nodes,
            (2 * Left) + NodeWidth + (Math.Max(0, columns.Count - 1) * step),
            nodes.Select(node => node.Top + NodeHeight).DefaultIfEmpty(Top).Max() + Bottom);
    }

    /// <summary>Returns the place of a head among the nodes.</summary>
    public int PlaceOf(HeadIndex head, bool isSource) => places[(head, isSource)];

    /// <summary>Returns the curve of a path, from the right edge of its source to the left edge of its destination.
    /// Where it crosses a column, it keeps to a gap between heads.</summary>
    public DiagramCurve CurveOf(HeadIndex source, HeadIndex destination)
    {
        var (from, to) = (Nodes[PlaceOf(source, true)], Nodes[PlaceOf(destination, false)]);
        var (x1, y1) = (from.Left + NodeWidth, from.Top + (NodeHeight / 2));
        var (x2, y2) = (to.Left, to.Top + (NodeHeight / 2));
        var sections = ImmutableArray.CreateBuilder<DiagramSection>();
        var (x, y) = (x1, y1);
        foreach (var column in columns.Where(left => left > from.Left && left < to.Left))
        {
            var straight = y1 + ((y2 - y1) * (column + (NodeWidth / 2) - x1) / (x2 - x1));
            var gap = gaps.MinBy(middle => Math.Abs(middle - straight));
            sections.Add(new(x, y, column, gap));
            (x, y) = (column + NodeWidth, gap);
        }

        sections.Add(new(x, y, x2, y2));
        return new(sections.ToImmutable());
    }

    /// <summary>Returns the width of a curve.</summary>
    /// <param name="share">The effect of its path as a share of the largest, by magnitude, in [0, 1].</param>
    public static double WidthOf(double share) => LeastWidth + ((MostWidth - LeastWidth) * Math.Clamp(share, 0, 1));

    // The order of each value among all.
    static Dictionary<T, int> Ranks<T>(IEnumerable<T> values)
        where T : notnull => values.Distinct().Order().Index().ToDictionary(entry => entry.Item, entry => entry.Index);

    static string NameOf(HeadIndex head) => head.Head < 0
        ? string.Create(CultureInfo.InvariantCulture, $"L{head.Layer}")
        : head.ToString();
}

/// <summary>A head in a diagram, or all heads of a layer.</summary>
/// <param name="Head">The head; −1 stands for all heads of its layer.</param>
/// <param name="Name">The name.</param>
/// <param name="IsSource">Whether paths may start here.</param>
/// <param name="IsDestination">Whether paths may end here.</param>
/// <param name="Left">The left edge in pixels.</param>
/// <param name="Top">The upper edge in pixels.</param>
readonly record struct DiagramNode(
    HeadIndex Head, string Name, bool IsSource, bool IsDestination, double Left, double Top);

/// <summary>A curve from left to right: sections that begin and end level, and level lines between them.</summary>
readonly record struct DiagramCurve(ImmutableArray<DiagramSection> Sections)
{
    /// <summary>Returns the curve, moved down.</summary>
    public DiagramCurve Below(double by) =>
        new([.. Sections.Select(one => one with { Y1 = one.Y1 + by, Y2 = one.Y2 + by })]);

    /// <summary>Returns the curve as SVG writes it.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        foreach (var (i, (x1, y1, x2, y2)) in Sections.Index())
        {
            var middle = (x1 + x2) / 2;
            if (i == 0)
                line.Append(CultureInfo.InvariantCulture, $"M{x1:0.#} {y1:0.#}");
            else
                line.Append(CultureInfo.InvariantCulture, $"H{x1:0.#}");
            line.Append(
                CultureInfo.InvariantCulture, $"C{middle:0.#} {y1:0.#} {middle:0.#} {y2:0.#} {x2:0.#} {y2:0.#}");
        }

        return line.ToString();
    }
}

/// <summary>A section of a curve, which bends half-way.</summary>
readonly record struct DiagramSection(double X1, double Y1, double X2, double Y2);
