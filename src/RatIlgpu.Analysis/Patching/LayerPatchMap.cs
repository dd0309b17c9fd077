using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>What patching the direct paths from one head to all heads of a later layer at once does to a
/// metric.</summary>
/// <remarks>No sum of what the paths do one by one: heads that agree on a token need not each be moved all the
/// way.</remarks>
public sealed class LayerPatchMap
{
    readonly ImmutableSortedDictionary<int, double> values;

    internal LayerPatchMap(
        HeadIndex source,
        HeadInput input,
        NormTreatment norm,
        double clean,
        double corrupted,
        ImmutableSortedDictionary<int, double> values) =>
        (Source, Input, Norm, CleanMetric, CorruptedMetric, this.values) =
            (source, input, norm, clean, corrupted, values);

    /// <summary>Gets the head whose change goes along the paths.</summary>
    public HeadIndex Source { get; }

    /// <summary>Gets through what the heads of the layers read it.</summary>
    public HeadInput Input { get; }

    /// <summary>Gets how the change went through the norm of the destinations.</summary>
    public NormTreatment Norm { get; }

    /// <summary>Gets the metric of the clean run.</summary>
    public double CleanMetric { get; }

    /// <summary>Gets the metric of the corrupted run, without any patch.</summary>
    public double CorruptedMetric { get; }

    /// <summary>Gets the layers that paths lead to, ascending.</summary>
    public IEnumerable<int> Layers => values.Keys;

    /// <summary>Gets the metric with all paths into a layer patched; null where there is none.</summary>
    public double? this[int layer] => values.TryGetValue(layer, out var value) ? value : null;

    /// <summary>Returns by how much the patch changes the metric; null where there is no path.</summary>
    public double? Effect(int layer) => this[layer] - CorruptedMetric;

    /// <summary>Returns the share of the way from the corrupted to the clean metric that the patch goes; null where
    /// there is no path, or no way to go.</summary>
    public double? Recovery(int layer) =>
        CleanMetric == CorruptedMetric ? null : Effect(layer) / (CleanMetric - CorruptedMetric);
}
