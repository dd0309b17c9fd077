namespace RatIlgpu.Analysis;

/// <summary>The keys that a query can see.</summary>
static class VisibleKeys
{
    /// <summary>Returns the keys in ascending order: those up to the query, within the window of the layer, that are no
    /// padding.</summary>
    /// <param name="config">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="query">The position of the query.</param>
    /// <param name="mask">The attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null for no
    /// padding.</param>
    public static ImmutableArray<int> Of(Qwen2Config config, int layer, int query, ImmutableArray<int>? mask) =>
    [
        .. Enumerable.Range(0, query + 1).Where(key =>
            (long)query - key < config.WindowOf(layer) && mask?[key] != 0),
    ];
}
