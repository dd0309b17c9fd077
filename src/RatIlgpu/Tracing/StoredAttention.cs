using System.Numerics.Tensors;
using RatIlgpu.Devices;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer whose patterns are at hand in the memory of the process, reduced over heads row
/// by row.</summary>
public sealed class StoredAttention : IAttentionRows
{
    readonly ImmutableArray<int> heads;
    readonly HeadReduction reduction;
    readonly HeadRowReader read;
    readonly float[] row, reduced;
    readonly double[] sums;

    /// <summary>Makes the attention of a layer.</summary>
    /// <param name="length">The number of positions, at least 1.</param>
    /// <param name="headCount">The query heads of the layer.</param>
    /// <param name="aggregation">The heads, and how they are reduced to one.</param>
    /// <param name="read">Writes a row of one head.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is less than 1, or the layer does not have one of the
    /// heads.</exception>
    public StoredAttention(int length, int headCount, HeadAggregation aggregation, HeadRowReader read)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        (heads, reduction, this.read) = (aggregation.Of(headCount), aggregation.Reduction, read);
        (row, reduced, sums) = (new float[length], new float[length], new double[length]);
    }

    /// <inheritdoc/>
    public int Length => row.Length;

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">The attention is not a number.</exception>
    public ReadOnlySpan<float> Row(int position)
    {
        var keys = row.AsSpan(0, position + 1);
        var result = reduced.AsSpan(0, position + 1);
        sums.AsSpan(0, keys.Length).Clear();
        // A pattern that was changed may have negative numbers.
        result.Fill(float.NegativeInfinity);
        foreach (var head in heads)
        {
            read(position, head, keys);
            if (reduction == HeadReduction.Max)
                TensorPrimitives.Max(result, keys, result);
            else
                for (var key = 0; key < keys.Length; key++)
                    sums[key] += keys[key];
        }

        if (reduction == HeadReduction.Mean)
            for (var key = 0; key < keys.Length; key++)
                result[key] = (float)(sums[key] / heads.Length);
        return float.IsNaN(result[position])
            ? throw new ArithmeticException("The attention is not a number: the recording or the weights are damaged.")
            : result;
    }
}
