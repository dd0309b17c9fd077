using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Computes which share of the stream after attention comes from the stream before it at each key up to
    /// the query, as information flow routes define it (Ferrando and Voita, 2024).</summary>
    /// <remarks>The stream after attention is the one before it and a part for each key:
    /// <c>a[q, k] = Σₕ pattern[h, q, k] · Wo[h] value[k, h]</c>. A part comes as near to the whole as
    /// <c>near(z) = max(0, |after[q]| − |after[q] − z|)</c>, with sums of absolute numbers for lengths. With N the sum
    /// over all parts, <c>result[q, k] = near(a[q, k]) / N</c>; the query itself has
    /// <c>(near(before[q]) + near(a[q, q])) / N</c>, and 1 where N is 0. Keys after the query have 0. The parts are not
    /// stored.</remarks>
    /// <param name="pattern"><c>[heads, queries, keys]</c>, of any numbers; keys ≥ queries.</param>
    /// <param name="value"><c>[keys, keyHeads, headSize]</c>; keyHeads divides heads.</param>
    /// <param name="weight">The output weights of attention, <c>[width, heads · headSize]</c>.</param>
    /// <param name="before">The stream before attention at the queries, <c>[queries, width]</c>.</param>
    /// <param name="after">The stream after attention at the queries, <c>[queries, width]</c>.</param>
    /// <param name="result"><c>[queries, keys]</c>; each row sums to 1. A row is NaN where a number of its query
    /// is.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void FlowRows(Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result)
    {
        NeedRank(pattern, 3, nameof(FlowRows), nameof(pattern));
        NeedRank(value, 3, nameof(FlowRows), nameof(value));
        NeedRank(weight, 2, nameof(FlowRows), nameof(weight));
        NeedFloats(pattern, nameof(FlowRows), nameof(pattern));
        NeedWeights(weight, nameof(FlowRows), nameof(weight));
        var (heads, queries, keys) = (pattern.Shape[0], pattern.Shape[1], pattern.Shape[2]);
        var (keyHeads, size, width) = (value.Shape[1], value.Shape[2], weight.Shape[0]);
        if (keys < queries)
            throw Unfit(nameof(FlowRows), $"{keys} keys are fewer than the {queries} queries");
        if (keyHeads == 0 || heads % keyHeads != 0)
            throw Unfit(nameof(FlowRows), $"value has {keyHeads} heads, which do not divide {heads}");
        NeedFloats(value, new Shape(keys, keyHeads, size), nameof(FlowRows), nameof(value));
        NeedShape(weight, new Shape(width, heads * size), nameof(FlowRows), nameof(weight));
        NeedFloats(before, new Shape(queries, width), nameof(FlowRows), nameof(before));
        NeedFloats(after, new Shape(queries, width), nameof(FlowRows), nameof(after));
        NeedFloats(result, new Shape(queries, keys), nameof(FlowRows), nameof(result));
        FlowRowsCore(pattern, value, weight, before, after, result);
        KeepAlive(pattern, value, weight, before, after, result);
    }

    /// <summary>Computes <see cref="FlowRows"/>.</summary>
    protected abstract void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result);
}
