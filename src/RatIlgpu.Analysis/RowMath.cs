namespace RatIlgpu.Analysis;

/// <summary>Arithmetic on one row of an activation, in double and in a fixed order, so that a result has the same bits
/// on every machine.</summary>
/// <remarks><see cref="System.Numerics.Tensors.TensorPrimitives"/> has no product of floats and doubles, and its sums
/// depend on the width of the processor's vectors.</remarks>
static class RowMath
{
    /// <summary>Returns <c>Σ row · direction</c>.</summary>
    public static double Dot(ReadOnlySpan<float> row, ReadOnlySpan<double> direction)
    {
        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
            sum += row[i] * direction[i];
        return sum;
    }

    /// <summary>Returns the softmax of scores, which may be of any size.</summary>
    public static double[] Softmax(ReadOnlySpan<double> scores)
    {
        var (most, sum) = (double.NegativeInfinity, 0.0);
        foreach (var score in scores)
            most = Math.Max(most, score);
        var found = new double[scores.Length];
        for (var i = 0; i < found.Length; i++)
            sum += found[i] = Math.Exp(scores[i] - most);
        for (var i = 0; i < found.Length; i++)
            found[i] /= sum;
        return found;
    }

    /// <summary>Returns the scale of an RMS norm, <c>sqrt(mean((x + added)²) + ε)</c>; an empty
    /// <paramref name="added"/> is no change.</summary>
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
