namespace RatIlgpu.Tracing;

/// <summary>One step of a path: the attention that some query pays to a key.</summary>
readonly record struct Edge(int Key, float Attention);

/// <summary>Knows where a path can go from a position, and asks for every row of attention once.</summary>
sealed class Predecessors(IAttentionRows attention, TraceOptions options)
{
    readonly Dictionary<int, Edge[]> known = [];

    /// <summary>Returns the steps from a position, largest attention first; of equals the smaller key first.</summary>
    public ReadOnlySpan<Edge> Of(int position)
    {
        if (!known.TryGetValue(position, out var edges))
            known.Add(position, edges = Find(position));
        return edges;
    }

    Edge[] Find(int position)
    {
        var best = new Best<Edge>(options.TopK);
        var mask = options.AttentionMask;
        var row = attention.Row(position)[..position];
        for (var key = 0; key < row.Length; key++)
            if (row[key] > 0 && row[key] >= options.MinAttention && (mask is not { } real || real[key] != 0))
                best.Add(new(key, row[key]), row[key]);
        return best.Take();
    }
}
