using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Splits the queries or keys of a layer into the parts of chosen components, of all other components, of what
/// no component has, and of the bias: their sum is the query or key.</summary>
/// <param name="components">The components.</param>
/// <param name="weight">The matrix that they are of.</param>
/// <param name="chosen">The chosen components.</param>
/// <param name="headNorm">The gain of the norm of each head, <c>[headSize]</c>; null where heads are not
/// normed.</param>
/// <param name="epsilon">What the norm adds to the mean square.</param>
sealed class ProjectionTerms(
    MatrixComponents components,
    ProjectionWeight weight,
    ImmutableArray<int> chosen,
    float[]? headNorm,
    double epsilon)
{
    /// <summary>The names of the last terms.</summary>
    public const string Rest = "rest", Delta = "delta", Bias = "bias";

    readonly int[] others = [.. Enumerable.Range(0, components.Count).Except(chosen)];

    /// <summary>Gets the names of the terms: the numbers of the chosen components, then the last terms.</summary>
    public ImmutableArray<string> Names { get; } =
    [
        .. chosen.Select(component => component.ToString(CultureInfo.InvariantCulture)), Rest, Delta, Bias,
    ];

    /// <summary>Makes the terms of a layer.</summary>
    public static ProjectionTerms Of(
        Qwen2Model model, Decomposition decomposition, AttentionProjection projection, ImmutableArray<int> chosen)
    {
        var weights = model.Weights.Layers[decomposition.Layer];
        var gain = projection == AttentionProjection.Query ? weights.QueryGain : weights.KeyGain;
        foreach (var component in chosen)
            decomposition[projection].Checked(component);
        return new(
            decomposition[projection], ProjectionWeight.Of(model, decomposition.Layer, projection), chosen,
            gain is null ? null : model.Rows(gain, 0), model.Config.RmsNormEpsilon);
    }

    /// <summary>Returns the query or key of a position, normed head by head where the model norms heads,
    /// <c>[outputs]</c>.</summary>
    /// <param name="input">The normed stream of the position.</param>
    public double[] Whole(ReadOnlySpan<float> input)
    {
        var whole = Product(input);
        TensorPrimitives.Add(whole, weight.Bias, whole);
        Norm(whole, whole);
        return whole;
    }

    /// <summary>Returns the terms of a position, <c>[terms][outputs]</c>: where the model norms heads, each with the
    /// factor that the whole head has.</summary>
    /// <param name="input">The normed stream of the position.</param>
    public double[][] Split(ReadOnlySpan<float> input)
    {
        var terms = new double[chosen.Length + 3][];
        var product = Product(input);
        var delta = product.AsSpan().ToArray();
        for (var place = 0; place < chosen.Length; place++)
        {
            terms[place] = new double[weight.Outputs];
            AddPart(chosen[place], input, terms[place], delta);
        }

        var rest = terms[^3] = new double[weight.Outputs];
        foreach (var component in others)
            AddPart(component, input, rest, delta);
        (terms[^2], terms[^1]) = (delta, [.. weight.Bias]);
        TensorPrimitives.Add(product, weight.Bias, product);
        foreach (var term in terms)
            Norm(product, term);
        return terms;
    }

    double[] Product(ReadOnlySpan<float> input)
    {
        var product = new double[weight.Outputs];
        var wide = new double[weight.Inputs];
        TensorPrimitives.ConvertTruncating(input, wide);
        for (var output = 0; output < product.Length; output++)
            product[output] = RowMath.Dot(weight.Row(output), wide);
        return product;
    }

    void AddPart(int component, ReadOnlySpan<float> input, Span<double> part, Span<double> delta)
    {
        var activation = components.Activation(component, input);
        var written = components.Output(component);
        TensorPrimitives.MultiplyAdd(written, activation, part, part);
        TensorPrimitives.MultiplyAdd(written, -activation, delta, delta);
    }

    // With the scale of the whole, so that parts still add up.
    void Norm(ReadOnlySpan<double> whole, Span<double> part)
    {
        if (headNorm is null)
            return;
        var size = weight.HeadSize;
        for (var start = 0; start < whole.Length; start += size)
        {
            var squares = 0.0;
            foreach (var number in whole.Slice(start, size))
                squares += number * number;
            var scale = Math.Sqrt((squares / size) + epsilon);
            for (var i = 0; i < size; i++)
                part[start + i] *= headNorm[i] / scale;
        }
    }
}
