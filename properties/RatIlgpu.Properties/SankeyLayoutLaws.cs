namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(SankeyLayoutLaws)])]
public sealed class SankeyLayoutLaws
{
    // The error of a sum of dozens of coordinates of hundreds of pixels.
    const double Tolerance = 1e-6;

    internal static Arbitrary<PathSet> PathSets { get; } = Arb.From(Sets(), Smaller);

    [Law]
    internal void Everything_is_finite_and_inside_the_drawing(PathSet paths) => InEveryMode(paths, layout =>
    {
        foreach (var bar in layout.Bars)
        {
            Assert.InRange(bar.Left, 0, layout.Width - SankeyLayout.BarWidth);
            Assert.InRange(bar.Height, 0, layout.Height);
            Assert.InRange(bar.Top, 0, layout.Height - bar.Height + Tolerance);
        }

        foreach (var (x, y) in layout.Ribbons.SelectMany(ribbon => ribbon.Line))
        {
            Assert.InRange(x, 0, layout.Width);
            Assert.InRange(y, 0, layout.Height);
        }
    });

    [Law]
    internal void Every_step_of_every_path_has_one_ribbon(PathSet paths) => InEveryMode(paths, layout => Assert.Equal(
        paths.Paths.SelectMany((path, index) => path.Skip(1).Zip(path, (key, query) => (index, key, query))).Order(),
        layout.Ribbons.Select(ribbon => (ribbon.Path, ribbon.Key, ribbon.Query)).Order()));

    [Law]
    internal void Every_position_has_one_bar(PathSet paths) => InEveryMode(paths, layout =>
        Assert.Equal(paths.Positions, layout.Bars.Select(bar => bar.Position)));

    [Law]
    internal void Flow_in_equals_flow_out_at_inner_tokens(PathSet paths) => InEveryMode(paths, layout =>
    {
        var ends = paths.Paths.SelectMany(path => new[] { path[0], path[^1] }).ToHashSet();
        foreach (var bar in layout.Bars.Where(bar => !ends.Contains(bar.Position)))
        {
            var into = layout.Ribbons.Where(ribbon => ribbon.Query == bar.Position).Sum(ribbon => ribbon.Width);
            var from = layout.Ribbons.Where(ribbon => ribbon.Key == bar.Position).Sum(ribbon => ribbon.Width);
            Assert.Equal(bar.Height, into, Tolerance);
            Assert.Equal(bar.Height, from, Tolerance);
        }
    });

    [Law]
    internal void Ribbons_are_as_wide_as_their_paths_weigh(PathSet paths) => InEveryMode(paths, layout =>
    {
        var unit = layout.Bars[^1].Height / paths.Weights.Sum();
        Assert.All(layout.Ribbons, ribbon => Assert.Equal(paths.Weights[ribbon.Path] * unit, ribbon.Width, Tolerance));
    });

    [Law]
    internal void Bars_of_a_column_do_not_overlap(PathSet paths) => InEveryMode(paths, layout =>
    {
        foreach (var column in layout.Bars.GroupBy(bar => bar.Left))
        {
            var bars = column.OrderBy(bar => bar.Top).ToList();
            foreach (var (above, below) in bars.Zip(bars.Skip(1)))
                Assert.True(below.Top > above.Top + above.Height, $"{above} and {below}");
        }
    });

    [Law]
    internal void Ribbons_that_cross_a_column_keep_off_its_bars_and_off_each_other(PathSet paths) =>
        InEveryMode(paths, layout =>
        {
            var bars = layout.Bars.Select(bar => (X: bar.Left + (SankeyLayout.BarWidth / 2), bar.Top, bar.Height));
            var bends = layout.Ribbons.SelectMany(ribbon => ribbon.Line.Skip(1).SkipLast(1)
                .Select(bend => (bend.X, Top: bend.Y - (ribbon.Width / 2), Height: ribbon.Width)));
            foreach (var column in bars.Concat(bends).GroupBy(place => Math.Round(place.X, 6)))
            {
                var places = column.OrderBy(place => place.Top + (place.Height / 2)).ToList();
                foreach (var (above, below) in places.Zip(places.Skip(1)))
                    Assert.True(below.Top >= above.Top + above.Height - Tolerance, $"{above} and {below}");
            }
        });

    [Law]
    internal void A_ribbon_runs_from_left_to_right(PathSet paths) => InEveryMode(paths, layout =>
    {
        foreach (var line in layout.Ribbons.Select(ribbon => ribbon.Line))
            Assert.All(line.Zip(line.Skip(1)), points => Assert.True(points.First.X < points.Second.X));
    });

    [Law]
    internal void Lanes_fill_the_bar_they_leave(PathSet paths) => InEveryMode(paths, layout =>
    {
        var target = paths.Paths[0][0];
        foreach (var bar in layout.Bars.Where(bar => bar.Position != target))
        {
            var leaving = layout.Ribbons.Where(ribbon => ribbon.Key == bar.Position);
            Fill(bar, leaving.Select(ribbon => (ribbon, ribbon.Line[0])));
        }
    });

    [Law]
    internal void Lanes_fill_the_bar_they_enter_from_the_top(PathSet paths) => InEveryMode(paths, layout =>
    {
        foreach (var bar in layout.Bars)
        {
            var entering = layout.Ribbons.Where(ribbon => ribbon.Query == bar.Position).ToList();
            var filled = bar with { Height = entering.Sum(ribbon => ribbon.Width) };
            Assert.InRange(filled.Height, 0, bar.Height + Tolerance);
            Fill(filled, entering.Select(ribbon => (ribbon, ribbon.Line[^1])));
        }
    });

    [Law]
    internal void Lanes_fill_the_bar_of_the_target(PathSet paths) => InEveryMode(paths, layout => Fill(
        layout.Bars[^1],
        layout.Ribbons.Where(ribbon => ribbon.Query == paths.Paths[0][0]).Select(ribbon => (ribbon, ribbon.Line[^1]))));

    [Law]
    internal void Paths_keep_their_order_along_a_link(PathSet paths) => InEveryMode(paths, layout =>
    {
        foreach (var link in layout.Ribbons.GroupBy(ribbon => (ribbon.Key, ribbon.Query)))
        {
            var ribbons = link.OrderBy(ribbon => ribbon.Line[0].Y).ToList();
            foreach (var (above, below) in ribbons.Zip(ribbons.Skip(1)))
                for (var i = 0; i < above.Line.Length; i++)
                    Assert.True(above.Line[i].Y <= below.Line[i].Y + Tolerance, $"{above} and {below}");
        }
    });

    [Law]
    internal void Numbering_the_paths_otherwise_changes_only_their_numbers(PathSet paths)
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var layout = SankeyLayout.Of(paths, mode);
            var numbers = Enumerable.Range(0, paths.Paths.Length).ToArray();
            new Random(paths.Positions.Sum()).Shuffle(numbers);
            var other = SankeyLayout.Of(paths.Reorder([.. numbers]), mode);
            Assert.Equal(layout.Bars, other.Bars);
            Assert.Equal(Geometry(layout), Geometry(other));
        }
    }

    [Law]
    internal void Equal_paths_change_places_without_a_trace(PathSet paths)
    {
        // Each path occurs twice: first the two beside each other, then all paths one after another twice.
        var half = paths.Weights.Select(weight => weight / 2).ToImmutableArray();
        ImmutableArray<int> apart = [.. Enumerable.Range(0, half.Length).SelectMany(path => new[] { path, path })];
        var twice = new PathSet(paths.Paths, half);
        var rounds = new PathSet([.. paths.Paths, .. paths.Paths], [.. half, .. half]);
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var layout = SankeyLayout.Of(twice.Reorder(apart), mode);
            Assert.Equal(layout.Bars, SankeyLayout.Of(rounds, mode).Bars);
            Assert.Equal(Geometry(layout), Geometry(SankeyLayout.Of(rounds, mode)));
        }
    }

    [Law]
    internal void Crossings_are_the_pairs_of_paths_that_change_sides(PathSet paths)
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var graph = LayeredGraph.Of(paths, ColumnAssignment.Of(paths, mode));
            foreach (var column in graph.Columns)
                foreach (var (rank, vertex) in column.Index())
                    vertex.Rank = rank;
            Assert.Equal(PairsThatCross(graph), Ordering.Crossings(graph));
        }
    }

    // A look-up is what a layout does for each path in each column it crosses: to order it and count its crossings
    // (25 times 2), to level it (30 times 2), to give it lanes (5). There are at most edges times columns of them.
    [Law(50, Arbitrary = [typeof(ManyPaths)])]
    internal void Work_grows_with_edges_times_columns(PathSet paths)
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var graph = LayeredGraph.Of(paths, ColumnAssignment.Of(paths, mode));
            SankeyLayout.Of(graph, [.. Enumerable.Range(0, paths.Paths.Length)], mode);
            var edges = paths.Paths.Sum(path => path.Length - 1);
            Assert.InRange(graph.Lookups, 0, 115L * graph.Routes.Sum(route => route.Length));
            Assert.InRange(graph.Lookups, 0, 115L * edges * graph.Columns.Length);
        }
    }

    static long PairsThatCross(LayeredGraph graph)
    {
        var pairs = from a in graph.Routes.Index()
                    from b in graph.Routes.Take(a.Index)
                    from i in Enumerable.Range(2, Math.Min(a.Item.Length, b.Length) - 1)
                    select (a.Item[^i].Rank - b[^i].Rank) * (a.Item[^(i - 1)].Rank - b[^(i - 1)].Rank);
        return pairs.Count(product => product < 0);
    }

    static IEnumerable<string> Geometry(SankeyLayout layout) => layout.Ribbons
        .Select(ribbon => $"{ribbon.Key} {ribbon.Query} {ribbon.Width} {string.Join(' ', ribbon.Line)}")
        .Order(StringComparer.Ordinal);

    static void Fill(TokenBar bar, IEnumerable<(Ribbon Ribbon, (double X, double Y) End)> lanes)
    {
        var top = bar.Top;
        foreach (var (ribbon, end) in lanes.OrderBy(lane => lane.End.Y).ThenBy(lane => lane.Ribbon.Width))
        {
            Assert.Equal(top + (ribbon.Width / 2), end.Y, Tolerance);
            top += ribbon.Width;
        }

        Assert.Equal(bar.Top + bar.Height, top, Tolerance);
    }

    static void InEveryMode(PathSet paths, Action<SankeyLayout> statement)
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
            statement(SankeyLayout.Of(paths, mode));
    }

    // Some paths have weight 0, as a softmax may underflow.
    internal static Gen<PathSet> Sets(int mostPaths = 12, int lastPosition = 24) =>
        from target in Gen.Choose(1, lastPosition)
        from count in Gen.Choose(1, mostPaths)
        from paths in Gen.ArrayOf(Path(target), count)
        from parts in Gen.ArrayOf(Gen.Choose(0, 9), count)
        from steepness in Gen.Elements(1, 1, 12, 300)
        select new PathSet([.. paths], Shares([.. parts.Select(part => Math.Pow(part, steepness))]));

    static Gen<ImmutableArray<int>> Path(int target) =>
        from last in Gen.Choose(0, target - 1)
        from inner in Gen.ArrayOf(Gen.Choose(0, target - 1), 6)
        from length in Gen.Choose(0, 6)
        select ImmutableArray.CreateRange(
            inner.Take(length).Append(last).Append(target).Distinct().OrderDescending());

    static ImmutableArray<double> Shares(double[] parts)
    {
        var sum = parts.Sum();
        return [.. parts.Select(part => sum == 0 ? 1.0 / parts.Length : part / sum)];
    }

    internal static IEnumerable<PathSet> Smaller(PathSet set)
    {
        for (var path = 0; path < set.Paths.Length && set.Paths.Length > 1; path++)
            if (set.Weights[path] < 1)
            {
                var left = 1 - set.Weights[path];
                var weights = set.Weights.RemoveAt(path).Select(weight => weight / left);
                yield return new(set.Paths.RemoveAt(path), [.. weights]);
            }

        for (var path = 0; path < set.Paths.Length; path++)
            for (var i = 1; i < set.Paths[path].Length && set.Paths[path].Length > 2; i++)
                yield return set with { Paths = set.Paths.SetItem(path, set.Paths[path].RemoveAt(i)) };
    }

    static class ManyPaths
    {
        public static Arbitrary<PathSet> Any { get; } = Arb.From(Sets(mostPaths: 200, lastPosition: 60), Smaller);
    }
}
