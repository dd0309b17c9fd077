namespace RatIlgpu.Html.Tests.Trace;

public sealed class LayerViewTests
{
    [Fact]
    public void Few_paths_are_all_drawn() =>
        Assert.Equal(3, LayerView.CountDrawn(Equal([[9, 6, 0], [9, 6, 3, 0], [9]])));

    [Fact]
    public void Of_many_paths_the_first_are_drawn() =>
        Assert.Equal(LayerView.MostPaths, LayerView.CountDrawn(Equal(Enumerable.Repeat<int[]>([1, 0], 100_000))));

    [Fact]
    public void Of_paths_with_many_steps_as_many_are_drawn_as_leave_the_ribbons_few()
    {
        int[] path = [.. Enumerable.Range(0, 1001).Reverse()];
        Assert.Equal(LayerView.MostSteps / 1000, LayerView.CountDrawn(Equal(Enumerable.Repeat(path, 9))));
    }

    // Beside one path through every token, each other has a link over nearly all of them.
    [Fact]
    public void Links_across_many_columns_are_drawn_as_long_as_their_bends_are_few()
    {
        const int tokens = 2000;
        var links = Enumerable.Range(0, tokens - 2).Select(key => (int[])[tokens - 1, key]);
        var paths = Equal([[.. Enumerable.Range(0, tokens).Reverse()], .. links]);
        var count = LayerView.CountDrawn(paths);
        Assert.InRange(count, 2, 20);
        var columns = ColumnAssignment.Of(paths.First(count), ColumnMode.Hops);
        Assert.InRange(LayeredGraph.Of(paths.First(count), columns).Routes.Sum(route => route.Length), 1, 16_000);
    }

    [Fact]
    public void A_path_that_is_too_long_alone_is_not_drawn() =>
        Assert.Equal(0, LayerView.CountDrawn(Equal([[.. Enumerable.Range(0, 100_000).Reverse()]])));

    [Fact]
    public void Nothing_is_drawn_of_nothing() => Assert.Equal(0, LayerView.CountDrawn(new([], [])));

    static PathSet Equal(IEnumerable<int[]> paths)
    {
        ImmutableArray<ImmutableArray<int>> all = [.. paths.Select(path => path.ToImmutableArray())];
        return new(all, [.. all.Select(_ => 1.0 / all.Length)]);
    }
}
