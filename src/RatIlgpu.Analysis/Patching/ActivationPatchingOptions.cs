using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>How activations are patched; change it with <c>with</c>.</summary>
public sealed record ActivationPatchingOptions
{
    /// <summary>Gets the layers to patch, <c>^1</c> for the last. Default: null, all.</summary>
    public ImmutableArray<Index>? Layers { get; init; }

    /// <summary>Gets the most rows computed at once: more take more memory, and are faster up to some hundreds.
    /// Default: 1,024.</summary>
    public int MaxBatchRows { get; init; } = 1024;
}
