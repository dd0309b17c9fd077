using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class DrawnTraceTests
{
    [Fact]
    public void Few_paths_are_all_drawn() =>
        Assert.Equal(3, DrawnTrace.Count(Equal([[9, 6, 0], [9, 6, 3, 0], [9]])));

    [Fact]
    public void Of_many_paths_the_first_are_drawn() =>
        Assert.Equal(DrawnTrace.MostPaths, DrawnTrace.Count(Equal(Enumerable.Repeat<int[]>([1, 0], 100_000))));

    [Fact]
    public void Of_paths_with_many_steps_as_many_are_drawn_as_leave_the_ribbons_few()
    {
        int[] path = [.. Enumerable.Range(0, 1001).Reverse()];
        Assert.Equal(DrawnTrace.MostSteps / 1000, DrawnTrace.Count(Equal(Enumerable.Repeat(path, 9))));
    }

    // Beside one path through every token, each other has a link over nearly all of them.
    [Fact]
    public void Links_across_many_columns_are_drawn_as_long_as_their_bends_are_few()
    {
        const int tokens = 2000;
        var links = Enumerable.Range(0, tokens - 2).Select(key => (int[])[tokens - 1, key]);
        var paths = Equal([[.. Enumerable.Range(0, tokens).Reverse()], .. links]);
        var count = DrawnTrace.Count(paths);
        Assert.InRange(count, 2, 20);
        var columns = ColumnAssignment.Of(paths.First(count), ColumnMode.Hops);
        Assert.InRange(LayeredGraph.Of(paths.First(count), columns).Routes.Sum(route => route.Length), 1, 16_000);
    }

    [Fact]
    public void A_path_that_is_too_long_alone_is_not_drawn() =>
        Assert.Equal(0, DrawnTrace.Count(Equal([[.. Enumerable.Range(0, 100_000).Reverse()]])));

    [Fact]
    public void Nothing_is_drawn_of_nothing() => Assert.Equal(0, DrawnTrace.Count(new([], [])));

    [Fact]
    public void The_strongest_paths_keep_their_shares_and_bring_only_their_own_links()
    {
        var whole = Many(1000);
        var drawn = DrawnTrace.Of(whole);
        Assert.Equal(DrawnTrace.MostPaths, drawn.Paths.Length);
        Assert.Equal(whole.Paths[7], drawn.Paths[7]);
        Assert.Equal(whole.PathWeights.Take(200), drawn.PathWeights);
        Assert.Equal(200, drawn.PathTexts.Length);
        Assert.Equal(
            Enumerable.Range(0, 200), drawn.Sankey.Links.SelectMany(link => link.PathIndices).Distinct().Order());
        Assert.Equal(
            drawn.Paths.SelectMany(path => path.Positions).Distinct().Order(), drawn.SelfAttention.Keys.Order());
    }

    [Fact]
    public void A_trace_of_few_paths_is_drawn_as_it_is()
    {
        var trace = SampleTrace.FivePaths();
        Assert.Same(trace, DrawnTrace.Of(trace));
    }

    // Each path alone would be too thin to be seen.
    [Fact]
    public void Few_of_many_equal_paths_are_drawn_as_high_as_if_they_were_all()
    {
        var view = new TraceView(Many(100_000));
        var alone = view.Drawn with { Weights = [.. view.Drawn.Weights.Select(_ => 1.0 / 200)] };
        var all = SankeyLayout.Of(alone, ColumnMode.Hops);
        var drawn = SankeyLayout.Of(view.Drawn, ColumnMode.Hops);
        Assert.Equal(all.Bars[^1].Height, drawn.Bars[^1].Height, 0.001);
    }

    // From the last of many tokens, each path over one other token.
    static TraceResult Many(int count)
    {
        var trace = SampleTrace.Of(
            Enumerable.Range(0, 42).Select(_ => "a"),
            [.. Enumerable.Range(0, 40).Select(i => ((int[])[41, 1 + i, 0], (double[])[0.5, 0.5]))]);
        ImmutableArray<BeamPath> paths = [.. Enumerable.Range(0, count).Select(i => trace.Paths[i % 40])];
        return trace with
        {
            Paths = paths,
            PathWeights = [.. paths.Select(_ => 1.0 / count)],
            PathTexts = [.. paths.Select(_ => "a")],
        };
    }

    static PathSet Equal(IEnumerable<int[]> paths)
    {
        ImmutableArray<ImmutableArray<int>> all = [.. paths.Select(path => path.ToImmutableArray())];
        return new(all, [.. all.Select(_ => 1.0 / all.Length)]);
    }
}
