using System.Collections.Immutable;

namespace RatIlgpu.Html;

/// <summary>Gives each position a column: a key left of each query that attends to it, the target rightmost.</summary>
static class ColumnAssignment
{
    public static ImmutableDictionary<int, int> Of(PathSet paths, ColumnMode mode) =>
        mode == ColumnMode.Position ? ByRank(paths) : ByHops(paths);

    static ImmutableDictionary<int, int> ByRank(PathSet paths) =>
        paths.Positions.Index().ToImmutableDictionary(entry => entry.Item, entry => entry.Index);

    static ImmutableDictionary<int, int> ByHops(PathSet paths)
    {
        var hops = paths.Positions.ToDictionary(position => position, _ => 0);
        // A query is final before its keys are reached, because keys are earlier positions.
        foreach (var (key, query) in paths.Steps.OrderByDescending(step => step.Query))
            hops[key] = Math.Max(hops[key], hops[query] + 1);
        var longest = hops.Values.DefaultIfEmpty().Max();
        return hops.ToImmutableDictionary(pair => pair.Key, pair => longest - pair.Value);
    }
}

/// <summary>What the columns of a diagram mean.</summary>
enum ColumnMode
{
    /// <summary>How many steps lie between a token and the target, on the longest way.</summary>
    Hops,

    /// <summary>The place of a token among those shown.</summary>
    Position,
}
