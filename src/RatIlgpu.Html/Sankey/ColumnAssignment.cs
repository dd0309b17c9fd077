namespace RatIlgpu.Html;

/// <summary>Assigns a column to each position: a key is left of every query that attends to it, the target
/// rightmost.</summary>
static class ColumnAssignment
{
    public static Dictionary<int, int> Of(PathSet paths, ColumnMode mode) =>
        mode == ColumnMode.Position ? ByRank(paths) : ByHops(paths);

    static Dictionary<int, int> ByRank(PathSet paths)
    {
        var columns = new Dictionary<int, int>();
        foreach (var position in paths.Positions)
            columns.Add(position, columns.Count);
        return columns;
    }

    static Dictionary<int, int> ByHops(PathSet paths)
    {
        var (positions, hops, keysOf) = (paths.Positions, new Dictionary<int, int>(), new Dictionary<int, List<int>>());
        foreach (var position in positions)
            (hops[position], keysOf[position]) = (0, []);
        foreach (var (key, query) in paths.Steps)
            keysOf[query].Add(key);
        var longest = 0;
        // Keys are earlier positions, so the count of a query is final before its keys use it.
        for (var i = positions.Length - 1; i >= 0; i--)
            foreach (var key in keysOf[positions[i]])
            {
                hops[key] = Math.Max(hops[key], hops[positions[i]] + 1);
                longest = Math.Max(longest, hops[key]);
            }

        foreach (var position in positions)
            hops[position] = longest - hops[position];
        return hops;
    }
}

/// <summary>The meaning of the columns of a diagram.</summary>
enum ColumnMode
{
    /// <summary>The number of steps from the target to the token, on the longest path.</summary>
    Hops,

    /// <summary>The order of the tokens in the text, of those on a path.</summary>
    Position,
}
