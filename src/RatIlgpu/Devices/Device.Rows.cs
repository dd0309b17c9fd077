using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Gathers rows of a table, as F32: <c>result[i] = table[rows[i]]</c>.</summary>
    /// <param name="table"><c>[tokens, width]</c>, F32, F16 or BF16.</param>
    /// <param name="rows">Row numbers, in [0, tokens).</param>
    /// <param name="result"><c>[rows, width]</c>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row number is not in the table.</exception>
    public void Gather(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        NeedRank(table, 2, nameof(Gather), nameof(table));
        NeedFloats(result, new Shape(rows.Length, table.Shape[1]), nameof(Gather), nameof(result));
        NeedWeights(table, nameof(Gather), nameof(table));
        NeedRows(nameof(Gather), rows, table.Shape[0], $"a table {table.Shape}");
        GatherCore(table, rows, result);
        KeepAlive(table, result);
    }

    /// <summary>Normalises rows: <c>result = gain ⊙ x / sqrt(mean(x²) + epsilon)</c>.</summary>
    /// <param name="x"><c>[rows, width]</c>.</param>
    /// <param name="gain"><c>[width]</c>, F32, F16 or BF16.</param>
    /// <param name="epsilon">Added to the mean square; positive.</param>
    /// <param name="result"><c>[rows, width]</c>; may be <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <remarks>Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.</remarks>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        NeedRank(x, 2, nameof(RmsNorm), nameof(x));
        NeedShape(gain, new Shape(x.Shape[1]), nameof(RmsNorm), nameof(gain));
        NeedFloats(result, x.Shape, nameof(RmsNorm), nameof(result));
        NeedFloats(x, nameof(RmsNorm), nameof(x));
        NeedWeights(gain, nameof(RmsNorm), nameof(gain));
        RmsNormCore(x, gain, epsilon, result);
        KeepAlive(x, gain, result);
    }

    /// <summary>Applies a linear layer: <c>result = x·weightᵀ + bias</c>.</summary>
    /// <param name="x"><c>[rows, inputs]</c>.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>, F32, F16 or BF16.</param>
    /// <param name="bias"><c>[outputs]</c>, F32, F16 or BF16; null for no bias.</param>
    /// <param name="result"><c>[rows, outputs]</c>; must not overlap a source.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Linear(Tensor x, Tensor weight, Tensor? bias, Tensor result)
    {
        CheckLinear(nameof(Linear), x, weight, bias, result);
        LinearCore(x, weight, bias, accumulate: false, result);
        KeepAlive(x, weight, bias, result);
    }

    /// <summary>Adds a linear layer to the result: <c>result = result + x·weightᵀ</c>.</summary>
    /// <param name="x"><c>[rows, inputs]</c>.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>, F32, F16 or BF16.</param>
    /// <param name="result"><c>[rows, outputs]</c>; must not overlap a source.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void AddLinear(Tensor x, Tensor weight, Tensor result)
    {
        CheckLinear(nameof(AddLinear), x, weight, null, result);
        LinearCore(x, weight, null, accumulate: true, result);
        KeepAlive(x, weight, result);
    }

    /// <summary>Rotates pairs <c>(m, m + headSize/2)</c> of every head by the angles of its position:
    /// <c>result[m] = x[m]·cos − x[m + half]·sin</c>, <c>result[m + half] = x[m + half]·cos + x[m]·sin</c>.</summary>
    /// <param name="x"><c>[positions, heads, headSize]</c>, headSize even.</param>
    /// <param name="angles"><c>[positions, headSize]</c>: the cosines of the pairs, then their sines.</param>
    /// <param name="result"><c>[positions, heads, headSize]</c>; may be <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <remarks>Su et al., RoFormer, 2021, in the half-split order of Hugging Face.</remarks>
    public void Rotate(Tensor x, Tensor angles, Tensor result)
    {
        NeedRank(x, 3, nameof(Rotate), nameof(x));
        if (x.Shape[2] % 2 != 0)
            throw Unfit(nameof(Rotate), $"x is {x.Shape}, its head size is odd");
        NeedFloats(angles, new Shape(x.Shape[0], x.Shape[2]), nameof(Rotate), nameof(angles));
        NeedFloats(result, x.Shape, nameof(Rotate), nameof(result));
        NeedFloats(x, nameof(Rotate), nameof(x));
        RotateCore(x, angles, result);
        KeepAlive(x, angles, result);
    }

    /// <summary>Computes <see cref="Gather"/>.</summary>
    protected abstract void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result);

    /// <summary>Computes <see cref="RmsNorm"/>.</summary>
    protected abstract void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result);

    /// <summary>Computes <see cref="Linear"/>, or <see cref="AddLinear"/> if <paramref name="accumulate"/> is
    /// true.</summary>
    protected abstract void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result);

    /// <summary>Computes <see cref="Rotate"/>.</summary>
    protected abstract void RotateCore(Tensor x, Tensor angles, Tensor result);

    static void CheckLinear(string operation, Tensor x, Tensor weight, Tensor? bias, Tensor result)
    {
        NeedRank(x, 2, operation, nameof(x));
        NeedRank(weight, 2, operation, nameof(weight));
        NeedShape(weight, new Shape(weight.Shape[0], x.Shape[1]), operation, nameof(weight));
        NeedFloats(result, new Shape(x.Shape[0], weight.Shape[0]), operation, nameof(result));
        NeedFloats(x, operation, nameof(x));
        NeedWeights(weight, operation, nameof(weight));
        if (bias is null)
            return;
        NeedShape(bias, new Shape(weight.Shape[0]), operation, nameof(bias));
        NeedWeights(bias, operation, nameof(bias));
    }
}
