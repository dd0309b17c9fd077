namespace RatIlgpu.Html.Sankey;

/// <summary>Gives every path a lane of its own in each vertex; side by side, the lanes fill the vertex.</summary>
/// <remarks>Paths on one link keep their order along it: they change places only behind the bar of a token.</remarks>
static class Lanes
{
    public static void Assign(LayeredGraph graph)
    {
        var ways = new Ways(graph);
        foreach (var vertex in graph.Columns.SelectMany(column => column))
        {
            // Sorting is stable: paths that come from one place enter in the order in which they leave.
            var leaving = vertex.Paths.OrderBy(path => (ways.Onward(path, vertex), ways.Back(path, vertex))).ToList();
            Stack(graph, leaving, vertex.RightLanes);
            var entering = leaving.OrderBy(path => graph.LeftOf(path, vertex)?.Rank ?? int.MaxValue);
            Stack(graph, entering, vertex.LeftLanes);
        }
    }

    static void Stack(LayeredGraph graph, IEnumerable<int> paths, Dictionary<int, double> lanes)
    {
        var top = 0.0;
        foreach (var path in paths)
        {
            var weight = graph.Paths.Weights[path];
            lanes[path] = top + (weight / 2);
            top += weight;
        }
    }
}
