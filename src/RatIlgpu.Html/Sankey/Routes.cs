namespace RatIlgpu.Html;

/// <summary>Assigns each path a lane of its own in each vertex; the lanes fill the vertex side by side.</summary>
/// <remarks>Lanes follow the routes that the paths take from a vertex: the path that runs higher gets the higher lane.
/// Paths on one link keep their order along it; they change places only behind the bar of a token.</remarks>
sealed class Routes
{
    readonly LayeredGraph graph;

    // The rank of a path's route from a column, among the paths in that column: to the target, and to the first token.
    // Paths that run together to the end share a rank.
    readonly int[,] onward;
    readonly int[,] back;

    Routes(LayeredGraph graph)
    {
        this.graph = graph;
        onward = new int[graph.Routes.Length, graph.Columns.Length];
        back = new int[graph.Routes.Length, graph.Columns.Length];
        for (var column = graph.Columns.Length - 2; column >= 0; column--)
            Rank(column, onward, graph.RightOf, column + 1);
        for (var column = 0; column < graph.Columns.Length; column++)
            Rank(column, back, graph.LeftOf, column - 1);
    }

    // A path that begins in a column has no ribbon to its left; its lane takes the space that is left at the bottom.
    static (int, int) Ends => (int.MaxValue, 0);

    /// <summary>Sets the lanes of all vertices.</summary>
    public static void AssignLanes(LayeredGraph graph)
    {
        var routes = new Routes(graph);
        foreach (var vertex in graph.Columns.SelectMany(column => column))
        {
            // The sort is stable: paths from the same left neighbour enter in the order in which they leave.
            var leaving = vertex.Paths
                .OrderBy(path => (routes.onward[path, vertex.Column], routes.back[path, vertex.Column])).ToList();
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

    // A route is the next vertex and the route from there, whose rank is known already.
    void Rank(int column, int[,] ranks, Func<int, Vertex, Vertex?> next, int nextColumn)
    {
        var routes = graph.Columns[column]
            .SelectMany(vertex => vertex.Paths.Select(path => (Path: path, Next: next(path, vertex))))
            .Select(step => (step.Path, Route: step.Next is { } to ? (to.Rank, ranks[step.Path, nextColumn]) : Ends));
        var (rank, previous) = (0, Ends);
        foreach (var (path, route) in routes.OrderBy(entry => entry.Route))
        {
            rank = route == previous ? rank : rank + 1;
            (ranks[path, column], previous) = (rank, route);
        }
    }
}
