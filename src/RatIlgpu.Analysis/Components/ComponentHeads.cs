using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Tells to which heads components belong, from weights alone.</summary>
public static class ComponentHeads
{
    /// <summary>Returns the part of each component in each head, <c>[component, head]</c>: the Frobenius norm of the
    /// rows of the head in <c>U_c (V_c ⊙ γ)ᵀ</c>, of its columns for outputs.</summary>
    /// <param name="matrix">The components.</param>
    /// <param name="chosen">Those to tell of; of keys and values, the heads are key/value heads.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public static LabelledArray Norms(MatrixComponents matrix, ImmutableArray<int> chosen) => new(
        [Axis("component", chosen), ArrayAxis.Counted("head", matrix.HeadCount)],
        [.. chosen.SelectMany(component => NormsOf(matrix, component)).Select(norm => (double?)norm)]);

    /// <summary>Returns the part of one component in each head.</summary>
    internal static double[] NormsOf(MatrixComponents matrix, int component)
    {
        var other = TensorPrimitives.Norm(
            matrix.Projection == AttentionProjection.Output
                ? matrix.Output(component)
                : matrix.Direction(component));
        return
        [
            .. Enumerable.Range(0, matrix.HeadCount).Select(head =>
                TensorPrimitives.Norm(matrix.OfHead(component, head)) * other),
        ];
    }

    /// <summary>Returns how alike the directions are that keys and values read, <c>[value, key]</c>: the cosine of
    /// <c>V_c ⊙ γ</c>; null where one is 0.</summary>
    /// <param name="decomposition">The decomposition.</param>
    /// <param name="keys">The components of the key matrix.</param>
    /// <param name="values">The components of the value matrix.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public static LabelledArray ReadSimilarity(
        Decomposition decomposition, ImmutableArray<int> keys, ImmutableArray<int> values)
    {
        double[][] read = [.. keys.Select(decomposition[AttentionProjection.Key].Direction)];
        double[][] held = [.. values.Select(decomposition[AttentionProjection.Value].Direction)];
        return new(
            [Axis("value", values), Axis("key", keys)],
            [.. held.SelectMany(value => read.Select(key => Cosine(value, key)))]);
    }

    /// <summary>Returns an axis of components.</summary>
    internal static ArrayAxis Axis(string name, ImmutableArray<int> chosen) =>
        new(name, [.. chosen.Select(SplitScores.Label)]);

    static double? Cosine(double[] one, double[] other) =>
        TensorPrimitives.Norm<double>(one) * TensorPrimitives.Norm<double>(other) is var lengths and > 0
            ? TensorPrimitives.Dot<double>(one, other) / lengths
            : null;
}

/// <summary>How a component is spread over heads.</summary>
/// <param name="Entropy">The entropy <c>E = −Σ p ln p</c> of the parts <c>p = n / Σ n</c>, in nats, at least 0; null
/// for a component that is 0.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="Participation">The number of heads that take part, <c>(Σ n²)² / Σ n⁴</c>, in [1, heads] but for
/// rounding; null for a component that is 0.</param>
/// <param name="Dominant">The head with the largest part.</param>
public readonly record struct HeadSpread(double? Entropy, int Heads, double? Participation, int Dominant)
{
    /// <summary>Gets the largest possible entropy, <c>ln(heads)</c>, in nats.</summary>
    public double Ceiling => Math.Log(Heads);

    /// <summary>Gets the entropy as a share of the largest possible one, in [0, 1]; null for a single head.</summary>
    public double? Relative => Heads > 1 ? Entropy / Ceiling : null;

    /// <summary>Returns the spread of a component.</summary>
    /// <param name="norms">Its part in each head, at least 0.</param>
    /// <exception cref="ArgumentException">There is no head.</exception>
    public static HeadSpread Of(params ReadOnlySpan<double> norms)
    {
        if (norms.IsEmpty)
            throw new ArgumentException("There is no head: at least one is needed.");
        var dominant = TensorPrimitives.IndexOfMax(norms);
        if (!(norms[dominant] > 0))
            return new(null, norms.Length, null, dominant);
        // In units of the largest, whose squares neither overflow nor vanish.
        var (largest, sum, squares, fourths, entropy) = (norms[dominant], 0.0, 0.0, 0.0, 0.0);
        foreach (var norm in norms)
            sum += norm / largest;
        foreach (var norm in norms)
        {
            var (unit, part) = (norm / largest, norm / largest / sum);
            squares += unit * unit;
            fourths += unit * unit * unit * unit;
            entropy -= part > 0 ? part * Math.Log(part) : 0;
        }

        return new(entropy, norms.Length, squares * squares / fourths, dominant);
    }
}
