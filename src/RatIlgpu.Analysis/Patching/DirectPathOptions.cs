using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>How paths are patched; change it with <c>with</c>.</summary>
public sealed record DirectPathOptions
{
    /// <summary>Gets who sees a patched key or value. Default: one query head by itself.</summary>
    public KeyValueScope Scope { get; init; } = KeyValueScope.QueryHead;

    /// <summary>Gets how the change goes through the norm of the destination. Default: the scale stays as in the
    /// corrupted run.</summary>
    public NormTreatment Norm { get; init; } = NormTreatment.FrozenScale;

    /// <summary>Gets at which positions the source's change is put in, <c>^1</c> for the last. Default: null,
    /// all.</summary>
    public ImmutableArray<Index>? Positions { get; init; }

    /// <summary>Gets the layers of the destinations. Default: all behind the source.</summary>
    public Range DestinationLayers { get; init; } = Range.All;

    /// <summary>Gets the most rows computed at once: more take more memory, and are faster up to some hundreds.
    /// Default: 1,024.</summary>
    public int MaxBatchRows { get; init; } = 1024;

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Check(int layerCount)
    {
        if (!Enum.IsDefined(Scope) || !Enum.IsDefined(Norm))
            throw new ArgumentOutOfRangeException(null, $"{Scope}, {Norm}: no such scope or treatment of the norm.");
        if (MaxBatchRows < 1)
            throw new ArgumentOutOfRangeException(null, $"MaxBatchRows is {MaxBatchRows}, expected at least 1.");
        var (start, end) = (DestinationLayers.Start.GetOffset(layerCount), DestinationLayers.End.GetOffset(layerCount));
        if (start < 0 || end > layerCount || start >= end)
            throw new ArgumentOutOfRangeException(
                null, $"Destination layers {DestinationLayers} asked, the model has layers 0 to {layerCount - 1}.");
    }
}
