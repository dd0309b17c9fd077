namespace RatIlgpu.Analysis;

/// <summary>Arithmetic on one row of an activation, in double and in a fixed order, so that a result has the same bits
/// on every machine.</summary>
/// <remarks><see cref="System.Numerics.Tensors.TensorPrimitives"/> has no product of floats and doubles, and its sums
/// depend on the width of the processor's vectors.</remarks>
static class RowMath
{
    /// <summary>Returns <c>Σ row · direction</c>.</summary>
    /// <param name="row"><c>[width]</c>.</param>
    /// <param name="direction"><c>[width]</c>.</param>
    public static double Dot(ReadOnlySpan<float> row, ReadOnlySpan<double> direction)
    {
        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
            sum += row[i] * direction[i];
        return sum;
    }

    /// <summary>Returns the scale of an RMS norm, <c>sqrt(mean((x + added)²) + ε)</c>.</summary>
    /// <param name="x">The stream, <c>[width]</c>.</param>
    /// <param name="epsilon">The ε of the norm.</param>
    /// <param name="added">A change of the stream, <c>[width]</c>; empty for none.</param>
    public static double RmsScale(ReadOnlySpan<float> x, double epsilon, ReadOnlySpan<float> added = default)
    {
        var squares = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var value = x[i] + (added.IsEmpty ? 0.0 : added[i]);
            squares += value * value;
        }

        return Math.Sqrt(squares / x.Length + epsilon);
    }
}
