using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Computes the mean or maximum over some heads of a pattern that is stored, at some queries:
    /// <c>result[r, k] = meanₕ</c> or <c>maxₕ pattern[h, rows[r], k]</c>.</summary>
    /// <inheritdoc cref="ReducePattern(Tensor, Tensor, HeadAggregation, ReadOnlySpan{int}, Tensor)"/>
    public void ReducePattern(Tensor pattern, HeadAggregation aggregation, ReadOnlySpan<int> rows, Tensor result) =>
        ReducePattern(pattern, null, aggregation, rows, result);

    /// <summary>Computes the mean or maximum over some heads of a pattern that is stored, each multiplied by a factor
    /// for each of its keys, at some queries: <c>result[r, k] = meanₕ</c> or <c>maxₕ pattern[h, rows[r],
    /// k]·factors[h, k]</c>.</summary>
    /// <param name="pattern"><c>[heads, queries, keys]</c>, of any numbers: a pattern may have been changed. At least
    /// one head.</param>
    /// <param name="factors"><c>[heads, keys]</c> or with more columns, which are not read. Null for factors of
    /// 1.</param>
    /// <param name="aggregation">The heads, and mean or maximum.</param>
    /// <param name="rows">The queries, each in [0, queries), in any order.</param>
    /// <param name="result"><c>[rows, keys]</c>; NaN where one of the heads is NaN.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The pattern does not have one of the heads, or there is no query
    /// of one of the rows.</exception>
    public void ReducePattern(
        Tensor pattern, Tensor? factors, HeadAggregation aggregation, ReadOnlySpan<int> rows, Tensor result)
    {
        NeedRank(pattern, 3, nameof(ReducePattern), nameof(pattern));
        NeedFloats(pattern, nameof(ReducePattern), nameof(pattern));
        if (pattern.Shape[0] == 0)
            throw Unfit(nameof(ReducePattern), $"pattern is {pattern.Shape}, expected at least one head");
        NeedFactors(nameof(ReducePattern), factors, pattern.Shape[0], pattern.Shape[2]);
        NeedFloats(result, new Shape(rows.Length, pattern.Shape[2]), nameof(ReducePattern), nameof(result));
        NeedRows(nameof(ReducePattern), rows, pattern.Shape[1], $"{pattern.Shape[1]} queries");
        var heads = aggregation.Of(pattern.Shape[0]);
        ReducePatternCore(pattern, factors, aggregation.Reduction, heads.AsSpan(), rows, result);
        KeepAlive(pattern, factors, result);
    }

    /// <summary>Computes <see cref="ReducePattern(Tensor, Tensor, HeadAggregation, ReadOnlySpan{int}, Tensor)"/> over
    /// at least one head, ascending.</summary>
    protected abstract void ReducePatternCore(
        Tensor pattern,
        Tensor? factors,
        HeadReduction reduction,
        ReadOnlySpan<int> heads,
        ReadOnlySpan<int> rows,
        Tensor result);
}
