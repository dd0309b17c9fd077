using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Adds up weighted cells of the pattern of each head:
    /// <c>result[h, r] = Σ weight · pattern[h, query, key]</c> over the cells of row r.</summary>
    /// <param name="pattern"><c>[heads, queries, keys]</c>, of any numbers.</param>
    /// <param name="sums">The cells and their weights, for the queries and keys of the pattern. A device may keep the
    /// lists of the last one in its memory: give the same object again for the next layer.</param>
    /// <param name="result"><c>[heads, rows]</c>; 0 for an empty row, NaN where a cell of the row is NaN.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void SumCells(Tensor pattern, CellSums sums, Tensor result)
    {
        NeedRank(pattern, 3, nameof(SumCells), nameof(pattern));
        var heads = pattern.Shape[0];
        NeedFloats(pattern, new Shape(heads, sums.Queries, sums.Keys), nameof(SumCells), nameof(pattern));
        NeedFloats(result, new Shape(heads, sums.RowCount), nameof(SumCells), nameof(result));
        SumCellsCore(pattern, sums, result);
        KeepAlive(pattern, result);
    }

    /// <summary>Computes the entropy of each row of a pattern, in nats: <c>result[h, q] = −Σₖ p ln p</c> with
    /// <c>p = pattern[h, q, k]</c>, and 0 for <c>p = 0</c>.</summary>
    /// <param name="pattern"><c>[heads, queries, keys]</c>: probabilities. Rows need not sum to 1.</param>
    /// <param name="result"><c>[heads, queries]</c>; 0 for a row of zeros, such as padding; NaN where a number of the
    /// row is negative or NaN.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Entropy(Tensor pattern, Tensor result)
    {
        NeedRank(pattern, 3, nameof(Entropy), nameof(pattern));
        NeedFloats(pattern, nameof(Entropy), nameof(pattern));
        NeedFloats(result, new Shape(pattern.Shape[0], pattern.Shape[1]), nameof(Entropy), nameof(result));
        EntropyCore(pattern, result);
        KeepAlive(pattern, result);
    }

    /// <summary>Computes <see cref="SumCells"/>.</summary>
    protected abstract void SumCellsCore(Tensor pattern, CellSums sums, Tensor result);

    /// <summary>Computes <see cref="Entropy"/>.</summary>
    protected abstract void EntropyCore(Tensor pattern, Tensor result);
}
