using MathNet.Numerics.LinearAlgebra;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>What a head writes to the logits of tokens for each of them that it reads: <c>logit[t, u] = scale[t] · v[t]
/// · w[u]</c>.</summary>
/// <param name="size">The head size.</param>
/// <param name="values">The values v, <c>[tokens, headSize]</c>.</param>
/// <param name="written">The directions w that raise a logit, <c>[tokens, headSize]</c>.</param>
/// <param name="scales">The factors of the last norm; null for none.</param>
sealed class HeadCircuit(int size, float[] values, float[] written, double[]? scales)
{
    int Count => values.Length / size;

    /// <summary>Returns the mean logit of the token that is read, less the mean of the others.</summary>
    public double Copying() => Enumerable.Range(0, Count).Average(token =>
    {
        var logits = Logits(token);
        return logits[token] - ((logits.Sum() - logits[token]) / (Count - 1));
    });

    /// <summary>Returns the mean logit of the token that is read.</summary>
    public double Diagonal() => Enumerable.Range(0, Count).Average(token => Logit(token, token));

    /// <summary>Returns the share of tokens that are among the first few of all when they are read.</summary>
    /// <param name="among">How many are the first few.</param>
    /// <param name="sign">1 for those with the largest logits, −1 for those with the smallest.</param>
    /// <remarks>Of equal logits none comes first, so that a head that writes nothing has the share 0.</remarks>
    public double ShareAmong(int among, int sign) => Enumerable.Range(0, Count).Average(token =>
    {
        var logits = Logits(token);
        return logits.Count(logit => sign * logit >= sign * logits[token]) <= among ? 1.0 : 0.0;
    });

    /// <summary>Returns <c>Σλ / Σ|λ|</c> over the eigenvalues of the token-to-token matrix; null where all are
    /// 0.</summary>
    /// <remarks>The matrix <c>V Wᵀ</c> of tokens has the eigenvalues of the smaller <c>Wᵀ V</c>, and zeros.</remarks>
    public double? Positivity()
    {
        var product = new double[size * size];
        double[] row = new double[size], column = new double[size];
        for (var start = 0; start < values.Length; start += size)
        {
            TensorPrimitives.ConvertTruncating(values.AsSpan(start, size), row);
            TensorPrimitives.ConvertTruncating(written.AsSpan(start, size), column);
            for (var i = 0; i < size; i++)
                TensorPrimitives.MultiplyAdd(
                    row, column[i], product.AsSpan(i * size, size), product.AsSpan(i * size, size));
        }

        var found = Matrix<double>.Build.DenseOfRowMajor(size, size, product).Evd().EigenValues;
        var whole = found.Sum(value => value.Magnitude);
        return whole > 0 ? found.Sum(value => value.Real) / whole : null;
    }

    double[] Logits(int token) => [.. Enumerable.Range(0, Count).Select(other => Logit(token, other))];

    double Logit(int token, int other) => (scales?[token] ?? 1) * TensorPrimitives.Dot<float>(
        values.AsSpan(token * size, size), written.AsSpan(other * size, size));
}
