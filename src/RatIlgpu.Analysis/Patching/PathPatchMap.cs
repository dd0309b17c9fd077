using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>What patching the direct paths from one head to the inputs of later ones does to a metric.</summary>
public sealed class PathPatchMap
{
    readonly ImmutableSortedDictionary<HeadIndex, double> values;

    internal PathPatchMap(
        HeadIndex source,
        HeadInput input,
        NormTreatment norm,
        KeyValueScope scope,
        double clean,
        double corrupted,
        ImmutableSortedDictionary<HeadIndex, double> values) =>
        (Source, Input, Norm, Scope, CleanMetric, CorruptedMetric, this.values) =
            (source, input, norm, scope, clean, corrupted, values);

    /// <summary>Gets the head whose change goes along the paths.</summary>
    public HeadIndex Source { get; }

    /// <summary>Gets through what the destinations read it.</summary>
    public HeadInput Input { get; }

    /// <summary>Gets how the change went through the norm of the destinations.</summary>
    public NormTreatment Norm { get; }

    /// <summary>Gets who sees a patched key or value: with <see cref="KeyValueScope.KeyValueGroup"/>, destinations are
    /// key/value heads.</summary>
    public KeyValueScope Scope { get; }

    /// <summary>Gets the metric of the clean run.</summary>
    public double CleanMetric { get; }

    /// <summary>Gets the metric of the corrupted run, without any patch.</summary>
    public double CorruptedMetric { get; }

    /// <summary>Gets the heads that a path leads to, ascending.</summary>
    public IEnumerable<HeadIndex> Destinations => values.Keys;

    /// <summary>Gets the metric with one path patched; null where there is no path.</summary>
    public double? this[HeadIndex destination] =>
        values.TryGetValue(destination, out var value) ? value : null;

    /// <summary>Returns by how much the patch changes the metric; null where there is no path.</summary>
    public double? Effect(HeadIndex destination) => this[destination] - CorruptedMetric;

    /// <summary>Returns the share of the way from the corrupted to the clean metric that the patch goes; null where
    /// there is no path, or no way to go.</summary>
    public double? Recovery(HeadIndex destination) =>
        CleanMetric == CorruptedMetric ? null : Effect(destination) / (CleanMetric - CorruptedMetric);

    /// <summary>Returns the largest effects by magnitude, largest first; equal ones in the order of the
    /// heads.</summary>
    /// <param name="count">The most to return, at least 0.</param>
    public IReadOnlyList<(HeadIndex Destination, double Effect)> Largest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. values.Select(value => (Destination: value.Key, Effect: value.Value - CorruptedMetric))
                .OrderByDescending(one => Math.Abs(one.Effect)).Take(count),
        ];
    }
}
