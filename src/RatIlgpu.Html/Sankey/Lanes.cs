namespace RatIlgpu.Html.Sankey;

/// <summary>Gives every path a lane of its own in each vertex; side by side, the lanes fill the vertex.</summary>
/// <remarks>Paths on one link keep their order along it: they change places only behind the bar of a token.</remarks>
static class Lanes
{
    public static void Assign(LayeredGraph graph)
    {
        foreach (var vertex in graph.Columns.SelectMany(column => column))
        {
            Stack(graph, vertex.Paths, vertex.LeftLanes, (a, b) => CompareLeft(graph, vertex, a, b));
            Stack(graph, vertex.Paths, vertex.RightLanes, (a, b) => CompareRight(graph, vertex, a, b));
        }
    }

    static void Stack(LayeredGraph graph, List<int> paths, Dictionary<int, double> lanes, Comparison<int> order)
    {
        var top = 0.0;
        foreach (var path in paths.Order(Comparer<int>.Create(order)))
        {
            var weight = graph.Paths.Weights[path];
            lanes[path] = top + (weight / 2);
            top += weight;
        }
    }

    static int CompareLeft(LayeredGraph graph, Vertex vertex, int a, int b)
    {
        var byOrigin = CompareRanks(graph.LeftOf(a, vertex), graph.LeftOf(b, vertex));
        return byOrigin != 0 ? byOrigin : CompareRight(graph, vertex, a, b);
    }

    static int CompareRight(LayeredGraph graph, Vertex vertex, int a, int b)
    {
        for (var (left, right) = (vertex, vertex); left is not null && right is not null;)
        {
            (left, right) = (graph.RightOf(a, left), graph.RightOf(b, right));
            if (CompareRanks(left, right) is not 0 and var order)
                return order;
        }

        for (var (left, right) = (vertex, vertex); left is not null && right is not null;)
        {
            (left, right) = (graph.LeftOf(a, left), graph.LeftOf(b, right));
            if (CompareRanks(left, right) is not 0 and var order)
                return order;
        }

        return a.CompareTo(b);
    }

    // A path that begins here has no ribbon on this side; it takes the space that is left at the bottom.
    static int CompareRanks(Vertex? left, Vertex? right) =>
        (left?.Rank ?? int.MaxValue).CompareTo(right?.Rank ?? int.MaxValue);
}
