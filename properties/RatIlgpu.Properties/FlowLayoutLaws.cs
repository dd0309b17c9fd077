namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(FlowLayoutLaws)])]
public sealed class FlowLayoutLaws
{
    // The error of a sum of dozens of coordinates of hundreds of pixels.
    const double Tolerance = 1e-6;

    internal static Arbitrary<FlowPaths> Flows { get; } = Arb.From(Some(), Smaller);

    [Law]
    internal void Everything_is_finite_and_inside_the_drawing(FlowPaths flow)
    {
        var drawing = flow.Layout.Drawing;
        foreach (var (left, top, width, height) in drawing.Bars.Select(bar => bar.Drawn))
        {
            Assert.InRange(left, 0, drawing.Width - width);
            Assert.InRange(top, 0, drawing.Height - height + Tolerance);
        }

        foreach (var (x, y) in drawing.Ribbons.SelectMany(ribbon => ribbon.Line))
        {
            Assert.InRange(x, 0, drawing.Width);
            Assert.InRange(y, 0, drawing.Height);
        }

        Assert.All(flow.Layout.Lanes, lane => Assert.True(lane.Label.Box.IsInside(drawing)));
    }

    [Law]
    internal void Every_position_of_a_path_has_one_lane_in_the_order_of_the_text(FlowPaths flow)
    {
        var lanes = flow.Layout.Lanes;
        Assert.Equal(
            flow.Positions.SelectMany(path => path).Distinct().Order(), lanes.Select(lane => lane.Slots.Position));
        foreach (var (above, below) in lanes.Zip(lanes.Skip(1)))
            Assert.True(below.Top >= above.Top + above.Height, $"{above} and {below}");
        Assert.All(lanes, lane => Assert.True(lane.Height >= (lane.Slots.Weight * flow.Unit) - Tolerance));
    }

    [Law]
    internal void Every_step_of_every_path_has_one_ribbon_as_wide_as_its_probability(FlowPaths flow)
    {
        var (paths, ribbons) = (flow.Paths, flow.Layout.Drawing.Ribbons);
        Assert.Equal(
            paths.Paths
                .SelectMany((path, index) => path.Skip(1).Zip(path, (key, query) => (index, key, query))).Order(),
            ribbons.Select(ribbon => (ribbon.Path, ribbon.Key, ribbon.Query)).Order());
        Assert.All(
            ribbons,
            ribbon => Assert.Equal(paths.Weights[ribbon.Path] * flow.Unit, ribbon.Width, Tolerance));
    }

    [Law]
    internal void A_path_that_stays_runs_straight_in_the_lane_of_its_token(FlowPaths flow)
    {
        var lanes = flow.Layout.Lanes.ToDictionary(lane => lane.Slots.Position);
        foreach (var path in flow.Layout.Drawing.Ribbons.GroupBy(ribbon => ribbon.Path))
        {
            var places = path.SelectMany(ribbon => new (int Position, double Y)[]
            {
                (ribbon.Key % flow.Tokens, ribbon.Line[0].Y), (ribbon.Query % flow.Tokens, ribbon.Line[^1].Y),
            });
            foreach (var token in places.GroupBy(place => place.Position, place => place.Y))
            {
                var (top, height) = (lanes[token.Key].Top, lanes[token.Key].Height);
                Assert.InRange(Assert.Single(token.Distinct()), top - Tolerance, top + height + Tolerance);
            }
        }
    }

    [Law]
    internal void Ribbons_at_a_column_do_not_overlap_and_lie_in_their_bar(FlowPaths flow)
    {
        var drawing = flow.Layout.Drawing;
        foreach (var bar in drawing.Bars)
        {
            var ends = drawing.Ribbons.Where(ribbon => ribbon.Key == bar.Position)
                .Select(ribbon => (ribbon.Path, ribbon.Line[0].Y, ribbon.Width))
                .Concat(drawing.Ribbons.Where(ribbon => ribbon.Query == bar.Position)
                    .Select(ribbon => (ribbon.Path, ribbon.Line[^1].Y, ribbon.Width)))
                .Distinct().OrderBy(end => end.Y).ToList();
            Assert.NotEmpty(ends);
            foreach (var (above, below) in ends.Zip(ends.Skip(1)))
                Assert.True(
                    below.Y - (below.Width / 2) >= above.Y + (above.Width / 2) - Tolerance, $"{above} and {below}");
            Assert.Equal(bar.Top, ends[0].Y - (ends[0].Width / 2), Tolerance);
            Assert.Equal(bar.Top + bar.Height, ends.Max(end => end.Y + (end.Width / 2)), Tolerance);
        }
    }

    [Law]
    internal void A_bar_is_narrow_exactly_where_nothing_moves_begins_or_ends(FlowPaths flow)
    {
        var narrow = flow.Layout.Narrow.ToHashSet();
        foreach (var bar in flow.Layout.Drawing.Bars)
        {
            var (column, position) = (bar.Position / flow.Tokens, bar.Position % flow.Tokens);
            var moves = column == 0 || column == flow.Layers || flow.Positions.Any(path =>
                path[flow.Layers - column] == position
                && (path[flow.Layers - column + 1] != position || path[flow.Layers - column - 1] != position));
            Assert.Equal(!moves, narrow.Contains(bar.Position));
        }
    }

    static Gen<FlowPaths> Some() =>
        from layers in Gen.Choose(1, 30)
        from tokens in Gen.Choose(1, 12)
        from target in Gen.Choose(0, tokens - 1)
        from count in Gen.Choose(1, 12)
        from paths in Walk(layers, target).ArrayOf(count)
        from weights in Gen.Choose(0, 1000).Select(weight => weight / 1000.0).ArrayOf(count)
        select new FlowPaths(tokens, [.. paths], [.. weights]);

    // Most steps stay.
    static Gen<ImmutableArray<int>> Walk(int layers, int target) =>
        from steps in Gen.Elements(0, 0, 0, 0, 0, 0, 1, 2, 5).ArrayOf(layers)
        select steps.Aggregate(
            ImmutableArray.Create(target), (path, step) => path.Add(Math.Max(0, path[^1] - step)));

    static IEnumerable<FlowPaths> Smaller(FlowPaths flow)
    {
        for (var path = 0; flow.Positions.Length > 1 && path < flow.Positions.Length; path++)
            yield return flow with
            {
                Positions = flow.Positions.RemoveAt(path),
                Weights = flow.Weights.RemoveAt(path),
            };
        if (flow.Layers > 1)
            yield return flow with { Positions = [.. flow.Positions.Select(path => path[..^1])] };
    }

    /// <summary>Paths of a flow, the target first, and their probabilities.</summary>
    internal sealed record FlowPaths(
        int Tokens, ImmutableArray<ImmutableArray<int>> Positions, ImmutableArray<double> Weights)
    {
        public int Layers => Positions[0].Length - 1;

        public PathSet Paths => new(
            [.. Positions.Select(path => path.Select((position, step) => ((Layers - step) * Tokens) + position)
                .ToImmutableArray())],
            Weights);

        public double Unit => FlowLayout.UnitOf(Paths, Tokens);

        public FlowLayout Layout => FlowLayout.Of(Paths, Tokens, 0, position => new('x', 1 + position));
    }
}
