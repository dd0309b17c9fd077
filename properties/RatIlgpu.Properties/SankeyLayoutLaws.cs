using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Html.Sankey;

namespace RatIlgpu.Properties;

public sealed class SankeyLayoutLaws
{
    // Positions on a screen are hundreds of pixels; sums of some dozen of them stay this exact.
    const double Tolerance = 1e-6;

    static readonly Arbitrary<PathSet> PathSets = Law.Cases(Sets(), Smaller);

    [Fact]
    public void Everything_is_finite_and_inside_the_drawing() => Holds((_, layout) =>
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

    [Fact]
    public void Every_step_of_every_path_has_one_ribbon() => Holds((paths, layout) => Assert.Equal(
        paths.Paths.SelectMany((path, index) => path.Skip(1).Zip(path, (key, query) => (index, key, query))).Order(),
        layout.Ribbons.Select(ribbon => (ribbon.Path, ribbon.Key, ribbon.Query)).Order()));

    [Fact]
    public void Every_position_has_one_bar() => Holds((paths, layout) =>
        Assert.Equal(paths.Positions, layout.Bars.Select(bar => bar.Position)));

    [Fact]
    public void Flow_in_equals_flow_out_at_inner_tokens() => Holds((paths, layout) =>
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

    [Fact]
    public void Ribbons_are_as_wide_as_their_paths_weigh() => Holds((paths, layout) =>
    {
        var unit = layout.Bars[^1].Height / paths.Weights.Sum();
        Assert.All(layout.Ribbons, ribbon => Assert.Equal(paths.Weights[ribbon.Path] * unit, ribbon.Width, Tolerance));
    });

    [Fact]
    public void Bars_of_a_column_do_not_overlap() => Holds((_, layout) =>
    {
        foreach (var column in layout.Bars.GroupBy(bar => bar.Left))
        {
            var bars = column.OrderBy(bar => bar.Top).ToList();
            foreach (var (above, below) in bars.Zip(bars.Skip(1)))
                Assert.True(below.Top > above.Top + above.Height, $"{above} and {below}");
        }
    });

    [Fact]
    public void A_ribbon_runs_from_left_to_right() => Holds((_, layout) =>
    {
        foreach (var line in layout.Ribbons.Select(ribbon => ribbon.Line))
            Assert.All(line.Zip(line.Skip(1)), points => Assert.True(points.First.X < points.Second.X));
    });

    [Fact]
    public void Lanes_fill_the_bar_they_leave() => Holds((paths, layout) =>
    {
        var target = paths.Paths[0][0];
        foreach (var bar in layout.Bars.Where(bar => bar.Position != target))
        {
            var leaving = layout.Ribbons.Where(ribbon => ribbon.Key == bar.Position);
            Fill(bar, leaving.Select(ribbon => (ribbon, ribbon.Line[0])));
        }
    });

    [Fact]
    public void Lanes_fill_the_bar_of_the_target() => Holds((paths, layout) => Fill(
        layout.Bars[^1],
        layout.Ribbons.Where(ribbon => ribbon.Query == paths.Paths[0][0]).Select(ribbon => (ribbon, ribbon.Line[^1]))));

    [Fact]
    public void Paths_keep_their_order_along_a_link() => Holds((_, layout) =>
    {
        foreach (var link in layout.Ribbons.GroupBy(ribbon => (ribbon.Key, ribbon.Query)))
        {
            var ribbons = link.OrderBy(ribbon => ribbon.Line[0].Y).ToList();
            foreach (var (above, below) in ribbons.Zip(ribbons.Skip(1)))
                for (var i = 0; i < above.Line.Length; i++)
                    Assert.True(above.Line[i].Y <= below.Line[i].Y + Tolerance, $"{above} and {below}");
        }
    });

    [Fact]
    public void Numbering_the_paths_otherwise_changes_only_their_numbers() => Law.Holds(PathSets, paths =>
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var layout = SankeyLayout.Of(paths, mode);
            ImmutableArray<int> backwards = [.. Enumerable.Range(0, paths.Paths.Length).Reverse()];
            var other = SankeyLayout.Of(paths.Reorder(backwards), mode);
            Assert.Equal(layout.Bars, other.Bars);
            Assert.Equal(Geometry(layout), Geometry(other));
        }
    });

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

    static void Holds(Action<PathSet, SankeyLayout> statement) => Law.Holds(PathSets, paths =>
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
            statement(paths, SankeyLayout.Of(paths, mode));
    });

    // Some paths weigh nothing: a softmax may leave no more of them.
    static Gen<PathSet> Sets() =>
        from target in Gen.Choose(1, 24)
        from count in Gen.Choose(1, 12)
        from paths in Gen.ArrayOf(Path(target), count)
        from parts in Gen.ArrayOf(Gen.Choose(0, 9), count)
        select new PathSet([.. paths], Shares(parts));

    static Gen<ImmutableArray<int>> Path(int target) =>
        from last in Gen.Choose(0, target - 1)
        from inner in Gen.ArrayOf(Gen.Choose(0, target - 1), 6)
        from length in Gen.Choose(0, 6)
        select ImmutableArray.CreateRange(
            inner.Take(length).Append(last).Append(target).Distinct().OrderDescending());

    static ImmutableArray<double> Shares(int[] parts)
    {
        var sum = parts.Sum();
        return [.. parts.Select(part => sum == 0 ? 1.0 / parts.Length : (double)part / sum)];
    }

    static IEnumerable<PathSet> Smaller(PathSet set)
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
}
