namespace RatIlgpu.Html;

/// <summary>Counts the crossings of paths.</summary>
static class Crossings
{
    /// <summary>Counts the pairs of paths that swap their order between two neighbouring columns, over all
    /// columns.</summary>
    /// <remarks>Barth, Jünger, Mutzel, "Simple and Efficient Bilayer Cross Counting" (2002): the paths are taken from
    /// top to bottom as they leave a column, and a tree of sums counts the earlier ones that arrive below
    /// each.</remarks>
    public static long Count(LayeredGraph graph)
    {
        var crossings = 0L;
        for (var column = 0; column + 1 < graph.Columns.Length; column++)
            crossings += CountAfter(graph, column);
        return crossings;
    }

    static long CountAfter(LayeredGraph graph, int column)
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
