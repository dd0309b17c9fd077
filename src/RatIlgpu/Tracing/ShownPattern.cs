using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer whose patterns lie on a device, which reduces the rows over the heads.</summary>
/// <param name="pattern"><c>[heads, positions, positions]</c>, which must not be freed before the last row is asked
/// for.</param>
/// <param name="aggregation">The heads, and how they are reduced to one.</param>
/// <param name="device">The device of the pattern.</param>
sealed class ShownPattern(Tensor pattern, HeadAggregation aggregation, Device device) : PreparedRows
{
    /// <inheritdoc/>
    public override int Length => pattern.Shape[1];

    /// <inheritdoc/>
    protected override string NotANumber =>
        "The attention is not a number: the weights are damaged or overflow, or an intervention is not one.";

    /// <inheritdoc/>
    protected override int KeysUpTo(int position) => Length;

    /// <inheritdoc/>
    protected override void Compute(ReadOnlySpan<int> positions, int keys, Span<float> found)
    {
        using var rows = device.Allocate(positions.Length, keys);
        device.ReducePattern(pattern, aggregation, positions, rows);
        device.Download(rows, found);
    }
}
