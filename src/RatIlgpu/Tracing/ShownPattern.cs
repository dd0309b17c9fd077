using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer whose patterns lie on a device: a row is reduced over the heads there and
/// downloaded when it is asked for, or with the rows of other positions that were named before.</summary>
/// <param name="pattern"><c>[heads, positions, positions]</c>, which must not be freed before the last row is asked
/// for.</param>
/// <param name="aggregation">The heads, and how they are reduced to one.</param>
/// <param name="device">The device of the pattern.</param>
sealed class ShownPattern(Tensor pattern, HeadAggregation aggregation, Device device) : IAttentionRows
{
    // Rows that are downloaded together take at most 64 MB.
    const int MostNumbers = 16 << 20;

    readonly Dictionary<int, int> prepared = [];
    float[] numbers = [];

    /// <inheritdoc/>
    public int Length => pattern.Shape[1];

    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<int> positions)
    {
        prepared.Clear();
        var together = positions[..Math.Min(positions.Length, Math.Max(1, MostNumbers / Length))];
        if (together.IsEmpty)
            return;
        using var rows = device.Allocate(together.Length, Length);
        device.ReducePattern(pattern, aggregation, together, rows);
        numbers = device.Download(rows);
        for (var row = 0; row < together.Length; row++)
            prepared.Add(together[row], row);
    }

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">The attention is not a number.</exception>
    public ReadOnlySpan<float> Row(int position)
    {
        if (!prepared.ContainsKey(position))
            Prepare([position]);
        var row = numbers.AsSpan(prepared[position] * Length, position + 1);
        return float.IsNaN(row[position])
            ? throw new ArithmeticException(
                "The attention is not a number: the weights are damaged or overflow, or an intervention is not one.")
            : row;
    }
}
