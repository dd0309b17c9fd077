using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What of an activation to record; everything of it unless narrowed with <c>with</c>.</summary>
/// <param name="Activation">Which activation.</param>
public sealed record Capture(Activation Activation)
{
    /// <summary>Gets at which layers, <c>^1</c> for the last. Default: null, all.</summary>
    public ImmutableArray<Index>? Layers { get; init; }

    /// <summary>Gets which heads: key/value heads of a key or value. Default: null, all.</summary>
    public ImmutableArray<int>? Heads
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets at which positions, <c>^1</c> for the last; of a pattern, those that attend. Default: null,
    /// all.</summary>
    public ImmutableArray<Index>? Positions { get; init; }

    /// <summary>Returns the sites, ascending.</summary>
    /// <exception cref="ArgumentException">The capture asks for something that the model has not.</exception>
    internal ImmutableArray<Site> Sites(Qwen2Config config)
    {
        RecordedAxes.Check(Activation);
        if (Heads is { } heads)
            RecordedAxes.CheckHeads(Activation, heads, config);
        if (!new Site(Activation, 0).IsInLayer)
            return Layers is null
                ? [new Site(Activation, 0)]
                : throw new ArgumentException($"Capture: {Activation} belongs to no layer, but layers were given.");
        return
        [
            .. RecordedAxes.Resolve(Layers, config.LayerCount, "layer").Select(layer => new Site(Activation, layer)),
        ];
    }
}
