using MathNet.Numerics.LinearAlgebra;

namespace RatIlgpu.Analysis;

/// <summary>A matrix of attention of a layer in host memory.</summary>
/// <param name="Projection">Which matrix.</param>
/// <param name="HeadSize">The size of a head.</param>
/// <param name="Numbers">The matrix, <c>[outputs, inputs]</c>.</param>
/// <param name="Bias">The bias, <c>[outputs]</c>; zeros where there is none.</param>
/// <param name="Gain">The gain of the norm before the matrix, <c>[inputs]</c>; ones for the output matrix.</param>
sealed record ProjectionWeight(
    AttentionProjection Projection, int HeadSize, float[] Numbers, double[] Bias, double[] Gain)
{
    /// <summary>Gets the number of outputs.</summary>
    public int Outputs => Bias.Length;

    /// <summary>Gets the number of inputs.</summary>
    public int Inputs => Gain.Length;

    /// <summary>Returns a matrix of a layer.</summary>
    public static ProjectionWeight Of(Qwen2Model model, int layer, AttentionProjection projection) =>
        Of(model, layer, projection, null);

    /// <summary>Returns the rows of one head of a matrix, of which they are the only outputs then.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="projection">Queries, keys or values.</param>
    /// <param name="head">The head: a query head of queries, a key/value head of keys and values.</param>
    public static ProjectionWeight OfHead(
        Qwen2Model model, int layer, AttentionProjection projection, int head) =>
        Of(model, layer, projection, head);

    static ProjectionWeight Of(Qwen2Model model, int layer, AttentionProjection projection, int? head)
    {
        var weights = model.Weights.Layers[layer];
        var (matrix, bias) = projection switch
        {
            AttentionProjection.Query => (weights.Query, weights.QueryBias),
            AttentionProjection.Key => (weights.Key, weights.KeyBias),
            AttentionProjection.Value => (weights.Value, weights.ValueBias),
            _ => (weights.Output, null),
        };
        var (size, inputs) = (model.Config.HeadSize, matrix.Shape[1]);
        var (first, outputs) = head is { } one ? (one * size, size) : (0, matrix.Shape[0]);
        return new(
            projection, size, model.Rows(matrix, [.. Enumerable.Range(first, outputs)]),
            bias is null ? new double[outputs] : Wide(model.Rows(bias, 0))[first..(first + outputs)],
            projection == AttentionProjection.Output
                ? [.. Enumerable.Repeat(1.0, inputs)]
                : Wide(model.Rows(weights.AttentionGain, 0)));
    }

    /// <summary>Returns a row of the matrix, <c>[inputs]</c>.</summary>
    public ReadOnlySpan<float> Row(int output) => Numbers.AsSpan(output * Inputs, Inputs);

    /// <summary>Returns the matrix with the gain of the norm before it, <c>W diag(γ)</c>, <c>[outputs,
    /// inputs]</c>.</summary>
    public Matrix<double> Folded()
    {
        var folded = Matrix<double>.Build.Dense(Outputs, Inputs);
        for (var row = 0; row < Outputs; row++)
            for (var column = 0; column < Inputs; column++)
                folded[row, column] = Row(row)[column] * Gain[column];
        return folded;
    }

    /// <summary>Throws if the matrix cannot be decomposed.</summary>
    /// <exception cref="ArithmeticException">A weight is not a finite number.</exception>
    public void CheckFinite()
    {
        if (Numbers.Any(number => !float.IsFinite(number)) || Gain.Any(number => !double.IsFinite(number)))
            throw new ArithmeticException(
                $"A number of the {Projection} matrix or of the norm before it is not finite, so it has no "
                + "components.");
    }

    /// <summary>Returns the name of the module in a checkpoint, such as
    /// <c>model.layers.3.self_attn.q_proj</c>.</summary>
    public static string ModuleOf(int layer, AttentionProjection projection) =>
        Qwen2Layout.NameOf(layer, $"self_attn.{char.ToLowerInvariant(projection.ToString()[0])}_proj");

    static double[] Wide(float[] numbers) => [.. numbers.Select(number => (double)number)];
}
