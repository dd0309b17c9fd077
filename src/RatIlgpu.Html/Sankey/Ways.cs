namespace RatIlgpu.Html.Sankey;

/// <summary>Ranks the paths in each column by the way they take from there: the one that runs higher comes first, and
/// paths that run together to the end share a rank.</summary>
sealed class Ways
{
    readonly LayeredGraph graph;
    readonly int[,] onward;
    readonly int[,] back;

    public Ways(LayeredGraph graph)
    {
        this.graph = graph;
        onward = new int[graph.Routes.Length, graph.Columns.Length];
        back = new int[graph.Routes.Length, graph.Columns.Length];
        for (var column = graph.Columns.Length - 2; column >= 0; column--)
            Rank(column, onward, graph.RightOf, column + 1);
        for (var column = 0; column < graph.Columns.Length; column++)
            Rank(column, back, graph.LeftOf, column - 1);
    }

    /// <summary>Returns the rank of the way from a vertex to the target.</summary>
    public int Onward(int path, Vertex vertex) => onward[path, vertex.Column];

    /// <summary>Returns the rank of the way from a vertex back to the first token.</summary>
    public int Back(int path, Vertex vertex) => back[path, vertex.Column];

    // A way is its next vertex and the way from there, which has its rank already.
    void Rank(int column, int[,] ranks, Func<int, Vertex, Vertex?> next, int nextColumn)
    {
        var ways = graph.Columns[column]
            .SelectMany(vertex => vertex.Paths.Select(path => (Path: path, Next: next(path, vertex))))
            .Select(step => (step.Path, Way: step.Next is { } to ? (to.Rank, ranks[step.Path, nextColumn]) : Ends));
        var (rank, previous) = (0, Ends);
        foreach (var (path, way) in ways.OrderBy(way => way.Way))
        {
            rank = way == previous ? rank : rank + 1;
            (ranks[path, column], previous) = (rank, way);
        }
    }

    // A path that begins here has no ribbon on this side; it takes the space that is left at the bottom.
    static (int, int) Ends => (int.MaxValue, 0);
}
