namespace RatIlgpu.Html;

/// <summary>Orders the vertices of each column so that few paths cross.</summary>
/// <remarks>Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981):
/// sweeps that order each column by the weighted mean place of its neighbours.</remarks>
static class Ordering
{
    const int Sweeps = 24;

    // A path of weight 0 still pulls, but less than any other.
    const double LeastPull = 1e-9;

    public static void Reduce(LayeredGraph graph)
    {
        foreach (var column in graph.Columns)
            Rank(column);
        var fewest = Crossings(graph);
        var best = Ranks(graph);
        for (var sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            Sweep(graph, leftwards: sweep % 2 == 0);
            var crossings = Crossings(graph);
            if (crossings < fewest)
                (fewest, best) = (crossings, Ranks(graph));
        }

        foreach (var column in graph.Columns)
        {
            column.Sort((left, right) => best[left].CompareTo(best[right]));
            Rank(column);
        }
    }

    /// <summary>Counts the pairs of paths that swap their order between two neighbouring columns, over all
    /// columns.</summary>
    /// <remarks>Barth, Jünger, Mutzel, "Simple and Efficient Bilayer Cross Counting" (2002): the paths are taken from
    /// top to bottom as they leave a column, and a tree of sums counts the earlier ones that arrive below
    /// each.</remarks>
    public static long Crossings(LayeredGraph graph)
    {
        var crossings = 0L;
        for (var column = 0; column + 1 < graph.Columns.Length; column++)
            crossings += CrossingsAfter(graph, column);
        return crossings;
    }

    static void Sweep(LayeredGraph graph, bool leftwards)
    {
        foreach (var column in leftwards ? graph.Columns.Reverse() : graph.Columns)
        {
            var places = column.ToDictionary(vertex => vertex, vertex => MeanPlace(graph, vertex, leftwards));
            column.Sort((a, b) => (places[a], a.Key, a.Query).CompareTo((places[b], b.Key, b.Query)));
            Rank(column);
        }
    }

    static double MeanPlace(LayeredGraph graph, Vertex vertex, bool leftwards)
    {
        var (sum, weight) = (0.0, 0.0);
        foreach (var path in vertex.Paths)
            if ((leftwards ? graph.RightOf(path, vertex) : graph.LeftOf(path, vertex)) is { } neighbour)
            {
                var pull = Math.Max(graph.Paths.Weights[path], LeastPull);
                sum += pull * Place(graph, neighbour);
                weight += pull;
            }

        return weight > 0 ? sum / weight : Place(graph, vertex);
    }

    static double Place(LayeredGraph graph, Vertex vertex) => (vertex.Rank + 0.5) / graph.Columns[vertex.Column].Count;

    static void Rank(List<Vertex> column)
    {
        for (var i = 0; i < column.Count; i++)
            column[i].Rank = i;
    }

    static Dictionary<Vertex, int> Ranks(LayeredGraph graph) =>
        graph.Columns.SelectMany(column => column).ToDictionary(vertex => vertex, vertex => vertex.Rank);

    static long CrossingsAfter(LayeredGraph graph, int column)
    {
        var arrivals = new int[graph.Columns[column + 1].Count + 1];
        var (crossings, before) = (0L, 0);
        foreach (var vertex in graph.Columns[column])
        {
            List<int> ranks = [.. vertex.Paths.Select(path => graph.RightOf(path, vertex)!.Rank)];
            foreach (var rank in ranks)
                crossings += before - CountUpTo(arrivals, rank);
            foreach (var rank in ranks)
                Add(arrivals, rank);
            before += ranks.Count;
        }

        return crossings;
    }

    // A Fenwick tree: entry i holds the sum over as many ranks as the lowest bit of i says.
    static void Add(int[] tree, int rank)
    {
        for (var i = rank + 1; i < tree.Length; i += i & -i)
            tree[i]++;
    }

    static int CountUpTo(int[] tree, int rank)
    {
        var sum = 0;
        for (var i = rank + 1; i > 0; i -= i & -i)
            sum += tree[i];
        return sum;
    }
}
