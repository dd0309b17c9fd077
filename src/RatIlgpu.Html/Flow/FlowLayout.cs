namespace RatIlgpu.Html;

/// <summary>The layout of the paths of a flow: a lane for each position that a path visits, in the order of the text,
/// and a column before each layer and after the last. A path that stays at a position runs straight.</summary>
/// <param name="Drawing">Bars and ribbons; a bar is a place: column times tokens, and the position.</param>
/// <param name="Lanes">The lanes, from top to bottom.</param>
/// <param name="Heads">What stands above the layers, each with its middle.</param>
sealed record FlowLayout(
    SankeyLayout Drawing, ImmutableArray<FlowLane> Lanes, ImmutableArray<(double X, string Text)> Heads)
{
    /// <summary>The width of the bar of a place at which nothing moves, in pixels.</summary>
    public const double NarrowWidth = 3;

    /// <summary>The least height of a lane, in pixels: of its label.</summary>
    public const double LeastLane = 16;

    // Room for a label of about 13 letters beside the first column, and for half a bar beside the last.
    const double LabelMargin = 132;
    const double RightMargin = 24;
    const double TopMargin = 34;
    const double BottomMargin = 14;
    const double LabelGap = 10;
    const double LaneGap = 12;
    const double WishedWidth = 960;
    const double WishedHeight = 420;
    const double HighestPath = 72;

    // The names of layers have room at the least; a wider drawing scrolls.
    const double LeastStep = 26, MostStep = 170;

    // In characters.
    static readonly ImmutableArray<int> LabelLengths = [16, 13, 11, 9, 7, 4, 2, 0];

    /// <summary>Gets the places at which nothing moves.</summary>
    public IEnumerable<int> Narrow =>
        Drawing.Bars.Where(bar => bar.Width == NarrowWidth).Select(bar => bar.Position);

    /// <summary>Lays out paths.</summary>
    /// <param name="paths">The paths, by places, with their probabilities.</param>
    /// <param name="tokens">The number of tokens of the prompt.</param>
    /// <param name="firstLayer">The first layer of the flow.</param>
    /// <param name="textOf">Returns the visible text of a position.</param>
    /// <param name="unit">Pixels per probability. Default: <see cref="UnitOf"/>.</param>
    public static FlowLayout Of(
        PathSet paths, int tokens, int firstLayer, Func<int, string> textOf, double? unit = null)
    {
        var scale = unit ?? UnitOf(paths, tokens);
        var lanes = ImmutableArray.CreateBuilder<FlowLane>();
        var top = TopMargin;
        foreach (var slots in FlowSlots.Of(paths, tokens))
        {
            var height = Math.Max(LeastLane, slots.Weight * scale);
            lanes.Add(new(slots, top, height, LabelOf(slots.Position, textOf, top + (height / 2))));
            top += height + LaneGap;
        }

        var layers = paths.Paths.IsEmpty ? 0 : paths.Paths[0].Length - 1;
        var step = StepOf(layers);
        var width = LabelMargin + (layers * step) + SankeyLayout.BarWidth + RightMargin;
        var drawing = new SankeyLayout(
            width, Math.Max(TopMargin, top - LaneGap) + BottomMargin, Bars(paths, tokens, lanes, scale, step),
            Ribbons(paths, tokens, lanes, scale, step));
        return new(drawing, lanes.ToImmutable(),
        [
            .. Enumerable.Range(0, layers).Select(layer =>
                (MiddleOf(layer, step) + (step / 2), $"L{firstLayer + layer}")),
        ]);
    }

    /// <summary>Returns the pixels per probability of a drawing of these paths alone.</summary>
    /// <param name="paths">The paths, by places.</param>
    /// <param name="tokens">The number of tokens of the prompt.</param>
    /// <param name="height">The height that the drawing is to have, in pixels; many lanes need more.</param>
    public static double UnitOf(PathSet paths, int tokens, double height = WishedHeight)
    {
        var lanes = FlowSlots.Of(paths, tokens);
        var free = Math.Clamp(height - TopMargin - BottomMargin - (LaneGap * (lanes.Length - 1)), 90, 300);
        var inLanes = Math.Max(lanes.Sum(lane => lane.Weight), paths.Total);
        return Math.Min(free / inLanes, HighestPath * paths.Paths.Length / paths.Total);
    }

    static double StepOf(int layers) => Math.Clamp(
        (WishedWidth - LabelMargin - RightMargin - SankeyLayout.BarWidth) / Math.Max(1, layers), LeastStep, MostStep);

    static double MiddleOf(int column, double step) => LabelMargin + (SankeyLayout.BarWidth / 2) + (column * step);

    static Label LabelOf(int position, Func<int, string> textOf, double middle)
    {
        const double Room = LabelMargin - LabelGap - 4;
        var texts = LabelLengths.Select(length => LabelText.Clip(textOf(position), length));
        var text = texts.FirstOrDefault(one => LabelText.WidthOf(one, position) <= Room, "…");
        var width = LabelText.WidthOf(text, position);
        var left = LabelMargin - LabelGap - width;
        return new(position, LabelSide.Left, new(left, middle - (LeastLane / 2), width, LeastLane), text);
    }

    static ImmutableArray<TokenBar> Bars(
        PathSet paths, int tokens, IEnumerable<FlowLane> lanes, double unit, double step)
    {
        var bars = new SortedDictionary<int, TokenBar>();
        var moving = Moving(paths, tokens);
        foreach (var lane in lanes)
            foreach (var (column, (start, end)) in lane.Slots.Columns(paths, tokens))
            {
                var place = (column * tokens) + lane.Slots.Position;
                var width = moving.Contains(place) ? SankeyLayout.BarWidth : NarrowWidth;
                bars.Add(place, new(
                    place, MiddleOf(column, step) - (width / 2), lane.At(start, unit), (end - start) * unit)
                {
                    Width = width,
                });
            }

        return [.. bars.Values];
    }

    // The ends of paths, and the places from which or to which a path moves.
    static HashSet<int> Moving(PathSet paths, int tokens)
    {
        var moving = new HashSet<int>();
        foreach (var path in paths.Paths)
        {
            moving.UnionWith([path[0], path[^1]]);
            for (var i = 1; i < path.Length; i++)
                if (path[i] % tokens != path[i - 1] % tokens)
                    moving.UnionWith([path[i], path[i - 1]]);
        }

        return moving;
    }

    static ImmutableArray<Ribbon> Ribbons(
        PathSet paths, int tokens, IEnumerable<FlowLane> lanes, double unit, double step)
    {
        var laneOf = lanes.ToDictionary(lane => lane.Slots.Position);
        var ribbons = ImmutableArray.CreateBuilder<Ribbon>();
        foreach (var (path, places) in paths.Paths.Index())
            for (var i = places.Length - 1; i > 0; i--)
                ribbons.Add(new(
                    path, places[i], places[i - 1], paths.Weights[path] * unit,
                    [Point(path, places[i]), Point(path, places[i - 1])]));
        return ribbons.ToImmutable();

        (double X, double Y) Point(int path, int place)
        {
            var lane = laneOf[place % tokens];
            return (MiddleOf(place / tokens, step), lane.At(lane.Slots.MiddleOf(path), unit));
        }
    }
}

/// <summary>The lane of a position.</summary>
/// <param name="Slots">The places of its paths.</param>
/// <param name="Top">The upper edge, in pixels.</param>
/// <param name="Height">The height, in pixels; at least that of the label.</param>
/// <param name="Label">The label.</param>
sealed record FlowLane(FlowSlots Slots, double Top, double Height, Label Label)
{
    /// <summary>Returns the height in the drawing at which a weight of the paths is above.</summary>
    public double At(double weight, double unit) => Top + ((Height - (Slots.Weight * unit)) / 2) + (weight * unit);
}
