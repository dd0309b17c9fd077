using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Finds the largest numbers of each row, largest first; of equal ones the smaller index first. NaN is
    /// never among them.</summary>
    /// <param name="rows"><c>[rows, width]</c>.</param>
    /// <param name="mask"><c>[width]</c>, 0 for each index that is never chosen; null if any may be.</param>
    /// <param name="count">The most numbers of a row, at least 1.</param>
    /// <param name="indices"><c>[rows, count]</c> places in the row; −1 where a row has no further numbers.</param>
    /// <param name="values"><c>[rows, count]</c> numbers; −∞ where a row has no further ones.</param>
    /// <param name="logSums"><c>[rows]</c>, set to <c>log Σ exp(x)</c> over all numbers of the row, masked ones
    /// included; not finite if one is NaN or +∞, or none is finite. Empty if not asked for.</param>
    /// <exception cref="ArgumentException">A shape, a data type or the length of a span does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is less than 1.</exception>
    public void Top(
        Tensor rows,
        Tensor? mask,
        int count,
        Span<int> indices,
        Span<float> values,
        Span<double> logSums = default)
    {
        NeedRank(rows, 2, nameof(Top), nameof(rows));
        NeedFloats(rows, nameof(Top), nameof(rows));
        if (mask is not null)
            NeedFloats(mask, new Shape(rows.Shape[1]), nameof(Top), nameof(mask));
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        NeedLength(indices.Length, (long)rows.Shape[0] * count, nameof(indices));
        NeedLength(values.Length, (long)rows.Shape[0] * count, nameof(values));
        if (!logSums.IsEmpty)
            NeedLength(logSums.Length, rows.Shape[0], nameof(logSums));
        TopCore(rows, mask, count, indices, values, logSums);
        KeepAlive(rows, mask);

        static void NeedLength(int found, long expected, string operand)
        {
            if (found != expected)
                throw Unfit(nameof(Top), FormattableString.Invariant(
                    $"{operand} has room for {found} numbers, expected {expected}"));
        }
    }

    /// <summary>Computes <see cref="Top"/>.</summary>
    protected abstract void TopCore(
        Tensor rows, Tensor? mask, int count, Span<int> indices, Span<float> values, Span<double> logSums);
}
