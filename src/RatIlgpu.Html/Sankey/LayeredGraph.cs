namespace RatIlgpu.Html;

/// <summary>The vertices of a diagram by column, with a bend wherever a link crosses a column.</summary>
sealed record LayeredGraph(
    PathSet Paths, ImmutableArray<List<Vertex>> Columns, ImmutableArray<ImmutableArray<Vertex>> Routes)
{
    /// <summary>Gets the number of lookups of neighbours: a measure of the work, which the laws bound.</summary>
    public long Lookups { get; private set; }

    /// <summary>Builds the graph; vertices start ordered by position.</summary>
    public static LayeredGraph Of(PathSet paths, Dictionary<int, int> columnOf)
    {
        var (tokens, bends) = (new Dictionary<int, Vertex>(), new Dictionary<(int, int), ImmutableArray<Vertex>>());
        foreach (var (position, column) in columnOf)
            tokens.Add(position, new(column, position, position));
        foreach (var (key, query) in paths.Steps)
            bends.Add((key, query), Bends(key, query, columnOf));
        var routes = new ImmutableArray<Vertex>[paths.Paths.Length];
        for (var path = 0; path < routes.Length; path++)
        {
            routes[path] = Route(paths.Paths[path], tokens, bends);
            foreach (var vertex in routes[path])
            {
                vertex.Paths.Add(path);
                vertex.Share += paths.Weights[path];
            }
        }

        return new(paths, ColumnsOf(tokens, bends), [.. routes]);
    }

    /// <summary>Returns the next vertex of a path, right of a vertex; null at the target.</summary>
    public Vertex? RightOf(int path, Vertex vertex) => At(path, vertex.Column + 1);

    /// <summary>Returns the previous vertex of a path, left of a vertex; null at its first token.</summary>
    public Vertex? LeftOf(int path, Vertex vertex) => At(path, vertex.Column - 1);

    Vertex? At(int path, int column)
    {
        Lookups++;
        var route = Routes[path];
        var index = column - route[0].Column;
        return index >= 0 && index < route.Length ? route[index] : null;
    }

    static ImmutableArray<List<Vertex>> ColumnsOf(
        Dictionary<int, Vertex> tokens, Dictionary<(int, int), ImmutableArray<Vertex>> bends)
    {
        List<Vertex> vertices = [.. tokens.Values];
        foreach (var some in bends.Values)
            vertices.AddRange(some);
        // No two have the same column, key and query.
        vertices.Sort((a, b) => a.Column != b.Column ? a.Column.CompareTo(b.Column)
            : a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Query.CompareTo(b.Query));
        var columns = ImmutableArray.CreateBuilder<List<Vertex>>();
        foreach (var vertex in vertices)
        {
            if (columns.Count == 0 || columns[^1][0].Column != vertex.Column)
                columns.Add([]);
            columns[^1].Add(vertex);
        }

        return columns.ToImmutable();
    }

    static ImmutableArray<Vertex> Bends(int key, int query, Dictionary<int, int> columnOf)
    {
        var first = columnOf[key] + 1;
        return [.. Enumerable.Range(first, columnOf[query] - first).Select(column => new Vertex(column, key, query))];
    }

    static ImmutableArray<Vertex> Route(
        ImmutableArray<int> path, Dictionary<int, Vertex> tokens, Dictionary<(int, int), ImmutableArray<Vertex>> bends)
    {
        var route = ImmutableArray.CreateBuilder<Vertex>();
        for (var i = path.Length - 1; i > 0; i--)
        {
            route.Add(tokens[path[i]]);
            route.AddRange(bends[(path[i], path[i - 1])]);
        }

        route.Add(tokens[path[0]]);
        return route.ToImmutable();
    }
}

/// <summary>A vertex of a column: a token, or a bend of a link that crosses the column.</summary>
/// <param name="column">The column, from 0 at the left.</param>
/// <param name="key">The token's position, or the earlier end of the link.</param>
/// <param name="query">The same position, or the later end of the link.</param>
sealed class Vertex(int column, int key, int query)
{
    public int Column => column;

    public int Key => key;

    public int Query => query;

    public bool IsToken => key == query;

    /// <summary>Gets the paths through this vertex, ascending.</summary>
    public List<int> Paths { get; } = [];

    /// <summary>Gets the sum of the weights of the paths through this vertex.</summary>
    public double Share { get; set; }

    /// <summary>Gets the rank in the column, 0 at the top.</summary>
    public int Rank { get; set; }

    /// <summary>Gets the centre of each path's lane at the left side: the weight between it and the top.</summary>
    public Dictionary<int, double> LeftLanes { get; } = [];

    /// <summary>Gets the centre of each path's lane at the right side: the weight between it and the top.</summary>
    public Dictionary<int, double> RightLanes { get; } = [];

    /// <summary>Gets the upper edge, in pixels.</summary>
    public double Top { get; set; }
}
