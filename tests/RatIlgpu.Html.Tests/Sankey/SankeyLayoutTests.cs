namespace RatIlgpu.Html.Tests.Sankey;

public sealed class SankeyLayoutTests
{
    // A short way and a long way from 0 to 9, which share their last step; the short one bends around token 3.
    static readonly PathSet TwoWays = new([[9, 6, 0], [9, 6, 3, 0]], [0.75, 0.25]);

    [Fact]
    public void Draws_two_ways_by_hops() => Assert.Equal("""
        874 x 226
        bar 0 at 132, 40.5 high 144
        bar 3 at 332, 168 high 36
        bar 6 at 532, 40.5 high 144
        bar 9 at 732, 40.5 high 144
        ribbon 0 from 0 to 6 wide 108: 142,94.5 337,88 532,94.5
        ribbon 0 from 6 to 9 wide 108: 542,94.5 732,94.5
        ribbon 1 from 0 to 3 wide 36: 142,166.5 332,186
        ribbon 1 from 3 to 6 wide 36: 342,186 532,166.5
        ribbon 1 from 6 to 9 wide 36: 542,166.5 732,166.5
        """, LayoutText.Of(SankeyLayout.Of(TwoWays, ColumnMode.Hops)));

    [Theory]
    [InlineData(nameof(ColumnMode.Hops))]
    [InlineData(nameof(ColumnMode.Position))]
    public void A_given_scale_sets_the_heights(string mode)
    {
        var columns = Enum.Parse<ColumnMode>(mode);
        var bars = SankeyLayout.Of(TwoWays, columns, unit: 80).Bars;
        Assert.Equal([80, 20, 80, 80], bars.Select(bar => Math.Round(bar.Height, 9)));
        var alone = SankeyLayout.UnitOf(TwoWays, columns);
        Assert.Equal(SankeyLayout.Of(TwoWays, columns).Bars, SankeyLayout.Of(TwoWays, columns, alone).Bars);
    }

    [Fact]
    public void No_path_is_an_empty_drawing()
    {
        var layout = SankeyLayout.Of(new([], []), ColumnMode.Hops);
        Assert.Empty(layout.Bars);
        Assert.Empty(layout.Ribbons);
        Assert.True(layout.Width > 0 && layout.Height > 0);
    }

    [Theory]
    [InlineData(nameof(ColumnMode.Hops))]
    [InlineData(nameof(ColumnMode.Position))]
    public void A_path_without_a_step_is_one_bar(string mode)
    {
        var layout = SankeyLayout.Of(new([[5]], [1]), Enum.Parse<ColumnMode>(mode));
        var bar = Assert.Single(layout.Bars);
        Assert.Equal(5, bar.Position);
        Assert.True(double.IsFinite(bar.Left) && double.IsFinite(bar.Top) && bar.Height > 0);
        Assert.Empty(layout.Ribbons);
    }

    [Fact]
    public void Hops_count_the_longest_way_to_the_target() => Assert.Equal(
        new Dictionary<int, int> { [0] = 0, [3] = 1, [6] = 2, [9] = 3 },
        ColumnAssignment.Of(TwoWays, ColumnMode.Hops));

    [Fact]
    public void Positions_stand_in_the_order_of_the_text() => Assert.Equal(
        new Dictionary<int, int> { [1] = 0, [4] = 1, [7] = 2, [9] = 3 },
        ColumnAssignment.Of(new([[9, 7, 1], [9, 4]], [0.5, 0.5]), ColumnMode.Position));

    [Fact]
    public void A_needless_crossing_is_removed()
    {
        // By position, 1 would stand above 2 and 5 above 6, although 1 leads to 6 and 2 to 5.
        var paths = new PathSet([[9, 6, 1], [9, 5, 2]], [0.5, 0.5]);
        var graph = LayeredGraph.Of(paths, ColumnAssignment.Of(paths, ColumnMode.Hops));
        Ordering.Reduce(graph);
        Assert.Equal(0, Ordering.Crossings(graph));
    }

    [Fact]
    public void Many_columns_keep_their_distance()
    {
        ImmutableArray<int> path = [.. Enumerable.Range(0, 60).Reverse()];
        var bars = SankeyLayout.Of(new([path], [1]), ColumnMode.Hops).Bars;
        Assert.All(bars.Zip(bars.Skip(1)), pair => Assert.InRange(pair.Second.Left - pair.First.Left, 90, 200));
    }
}
