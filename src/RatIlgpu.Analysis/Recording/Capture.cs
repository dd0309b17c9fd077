namespace RatIlgpu.Analysis;

/// <summary>An activation to record, at all layers, heads and positions unless narrowed with <c>with</c>.</summary>
/// <param name="Activation">The activation.</param>
public sealed record Capture(Activation Activation)
{
    /// <summary>Gets the layers, <c>^1</c> for the last. Default: null, all.</summary>
    public ValueArray<Index>? Layers { get; init; }

    /// <summary>Gets the heads; for keys and values, the key/value heads. Default: null, all.</summary>
    public ValueArray<int>? Heads { get; init; }

    /// <summary>Gets the positions, <c>^1</c> for the last; for a pattern, the queries. Default: null, all.</summary>
    public ValueArray<Index>? Positions { get; init; }

    /// <summary>Returns the sites to record, in ascending order.</summary>
    internal ImmutableArray<Site> Sites(Qwen2Config config)
    {
        ActivationAxes.Check(Activation);
        if (Heads is { } heads)
            ActivationAxes.CheckHeads(Activation, heads, config);
        if (!new Site(Activation, 0).IsInLayer)
            return Layers is null
                ? [new Site(Activation, 0)]
                : throw new ArgumentException($"Capture: {Activation} belongs to no layer, but layers were given.");
        return
        [
            .. ActivationAxes.Resolve(Layers, config.LayerCount, "layer").Select(layer => new Site(Activation, layer)),
        ];
    }
}
