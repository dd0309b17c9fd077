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
    static long Ends => RouteOf(int.MaxValue, 0);

    /// <summary>Sets the lanes of all vertices.</summary>
    public static void AssignLanes(LayeredGraph graph)
    {
        var routes = new Routes(graph);
        foreach (var column in graph.Columns)
            foreach (var vertex in column)
            {
                List<int> leaving = [.. vertex.Paths];
                leaving.Sort((a, b) => routes.Compare(a, b, vertex.Column));
                Stack(graph, leaving, vertex.RightLanes);
                // Paths from the same left neighbour enter in the order in which they leave.
                var places = new List<long>();
                foreach (var path in leaving)
                    places.Add(RouteOf(graph.LeftOf(path, vertex)?.Rank ?? int.MaxValue, places.Count));
                places.Sort();
                Stack(graph, places.ConvertAll(place => leaving[(int)place]), vertex.LeftLanes);
            }
    }

    // Two numbers of at least 0 as one, which sorts by the first and then the second.
    static long RouteOf(int first, int second) => ((long)first << 32) | (uint)second;

    // Paths that run together all the way stay in their order.
    int Compare(int a, int b, int column)
    {
        var byOnward = onward[a, column].CompareTo(onward[b, column]);
        var byBack = byOnward != 0 ? byOnward : back[a, column].CompareTo(back[b, column]);
        return byBack != 0 ? byBack : a.CompareTo(b);
    }

    static void Stack(LayeredGraph graph, List<int> paths, Dictionary<int, double> lanes)
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
        var (routes, paths) = (new List<long>(), new List<int>());
        foreach (var vertex in graph.Columns[column])
            foreach (var path in vertex.Paths)
            {
                paths.Add(path);
                routes.Add(next(path, vertex) is { } to ? RouteOf(to.Rank, ranks[path, nextColumn]) : Ends);
            }

        List<long> sorted = [.. routes];
        sorted.Sort();
        var (rank, previous, rankOf) = (0, Ends, new Dictionary<long, int>());
        foreach (var route in sorted)
        {
            rank = route == previous ? rank : rank + 1;
            (rankOf[route], previous) = (rank, route);
        }

        for (var i = 0; i < paths.Count; i++)
            ranks[paths[i], column] = rankOf[routes[i]];
    }
}
