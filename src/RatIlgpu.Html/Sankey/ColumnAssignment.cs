namespace RatIlgpu.Html;

/// <summary>Assigns a column to each position: a key is left of every query that attends to it, the target
/// rightmost.</summary>
static class ColumnAssignment
{
    public static ImmutableDictionary<int, int> Of(PathSet paths, ColumnMode mode) =>
        mode == ColumnMode.Position ? ByRank(paths) : ByHops(paths);

    static ImmutableDictionary<int, int> ByRank(PathSet paths) =>
        paths.Positions.Index().ToImmutableDictionary(entry => entry.Item, entry => entry.Index);

    static ImmutableDictionary<int, int> ByHops(PathSet paths)
    {
        var hops = paths.Positions.ToDictionary(position => position, _ => 0);
        // Keys are earlier positions, so the count of a query is final before its keys use it.
        foreach (var (key, query) in paths.Steps.OrderByDescending(step => step.Query))
            hops[key] = Math.Max(hops[key], hops[query] + 1);
        var longest = hops.Values.DefaultIfEmpty().Max();
        return hops.ToImmutableDictionary(pair => pair.Key, pair => longest - pair.Value);
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
