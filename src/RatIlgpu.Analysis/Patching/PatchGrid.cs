using System.Collections.Immutable;
using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>A metric under each of many patches of one activation.</summary>
public sealed class PatchGrid
{
    readonly ImmutableArray<double?> values;
    readonly PatchLengths lengths;

    /// <summary>Joins what belongs together.</summary>
    /// <param name="target">What was patched.</param>
    /// <param name="clean">The metric of the clean run.</param>
    /// <param name="corrupted">The metric of the corrupted run.</param>
    /// <param name="lengths">The axes.</param>
    /// <param name="values">By layer, position, head and key.</param>
    internal PatchGrid(
        PatchTarget target, double clean, double corrupted, PatchLengths lengths, ImmutableArray<double?> values) =>
        (Target, CleanMetric, CorruptedMetric, this.lengths, this.values) =
            (target, clean, corrupted, lengths, values);

    /// <summary>Gets what was patched.</summary>
    public PatchTarget Target { get; }

    /// <summary>Gets the metric of the clean run.</summary>
    public double CleanMetric { get; }

    /// <summary>Gets the metric of the corrupted run, without any patch.</summary>
    public double CorruptedMetric { get; }

    /// <summary>Gets the lengths of the axes that there are: layers, positions, heads, keys.</summary>
    public Shape Shape => lengths.Shape;

    /// <summary>Gets the metric under each patch, in the order of <see cref="Shape"/>; null where there is
    /// none: a key behind the position that attends, or a layer that was not asked for.</summary>
    public ReadOnlySpan<double?> Values => values.AsSpan();

    /// <summary>Gets every patch, in the order of <see cref="Values"/>.</summary>
    public IEnumerable<PatchCell> Cells => Enumerable.Range(0, lengths.Layers).SelectMany(lengths.CellsOf);

    /// <summary>Gets the metric under a patch; null where there is none.</summary>
    /// <exception cref="ArgumentException">The grid has no such place.</exception>
    public double? this[PatchCell cell] => values[lengths.PlaceOf(cell)];

    /// <summary>Returns by how much a patch changes the metric; null where there is none.</summary>
    /// <exception cref="ArgumentException">The grid has no such place.</exception>
    public double? Effect(PatchCell cell) => this[cell] - CorruptedMetric;

    /// <summary>Returns the share of the way from the corrupted to the clean metric that a patch goes; null where there
    /// is none, or no way to go.</summary>
    /// <exception cref="ArgumentException">The grid has no such place.</exception>
    public double? Recovery(PatchCell cell) =>
        CleanMetric == CorruptedMetric ? null : Effect(cell) / (CleanMetric - CorruptedMetric);

    /// <summary>Returns the largest effects by magnitude, largest first; equal ones in the order of the grid.</summary>
    /// <param name="count">The most to return, at least 0.</param>
    public IReadOnlyList<(PatchCell Cell, double Effect)> Largest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. Cells.Zip(values).Where(pair => pair.Second is not null)
                .Select(pair => (Cell: pair.First, Effect: pair.Second!.Value - CorruptedMetric))
                .OrderByDescending(one => Math.Abs(one.Effect)).Take(count),
        ];
    }
}
