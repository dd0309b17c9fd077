namespace RatIlgpu.Analysis;

/// <summary>The product of a transposed weight and a vector.</summary>
static class TransposedProduct
{
    /// <summary>Returns <c>weightᵀ·vector</c>, <c>[inputs]</c>.</summary>
    /// <param name="model">The model that the weight belongs to.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>.</param>
    /// <param name="vector"><c>[outputs]</c>.</param>
    public static double[] Transposed(this Qwen2Model model, Tensor weight, double[] vector)
    {
        using var sums = new RowSums(model, [vector]);
        return sums.Of(weight, [.. Enumerable.Range(0, vector.Length)])[0];
    }
}
