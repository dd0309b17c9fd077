namespace RatIlgpu.Analysis;

/// <summary>The direction of the residual stream that a target reads, and the output weights projected on
/// it.</summary>
sealed class LogitDirection
{
    readonly Qwen2Model model;
    readonly Lazy<ImmutableArray<double[]>> heads, neurons;

    /// <summary>Computes the direction of a target. Where there is no foil, <paramref name="mean"/> is subtracted,
    /// <c>[width]</c>, or nothing if it is empty.</summary>
    public LogitDirection(Qwen2Model model, LogitTarget target, ReadOnlySpan<double> mean)
    {
        this.model = model;
        var weights = model.Weights;
        Normed = OfNormed(model, target, mean);
        Stream = [.. model.Rows(weights.FinalGain, 0).Zip(Normed, (gain, number) => gain * number)];
        heads = new(() => [.. weights.Layers.Select(layer => Along(layer.Output))]);
        neurons = new(() => [.. weights.Layers.Select(layer => Along(layer.Down))]);
    }

    /// <summary>Gets the direction in the normed stream, <c>[width]</c>: a row of the unembedding, minus
    /// another.</summary>
    public double[] Normed { get; }

    /// <summary>Gets the direction in the final stream, <c>[width]</c>: with the gain of the final norm, but before the
    /// division by its scale.</summary>
    public double[] Stream { get; }

    /// <summary>Gets the output matrix of each layer projected on the direction, <c>[heads · headSize]</c>.</summary>
    public ImmutableArray<double[]> Heads => heads.Value;

    /// <summary>Gets the down matrix of each layer projected on the direction, <c>[neurons]</c>.</summary>
    public ImmutableArray<double[]> Neurons => neurons.Value;

    /// <summary>Gets the value biases of each layer, <c>[key/value heads · headSize]</c>; none of a model without
    /// biases.</summary>
    public ImmutableArray<float[]> ValueBiases => field.IsDefault
        ? field = [.. model.Weights.Layers.Select(layer => layer.ValueBias).OfType<Tensor>().Select(Biases)]
        : field;

    /// <summary>Returns the direction in the normed stream, <c>[width]</c>: the answer's row of the unembedding, minus
    /// the foil's row or, if it is not empty, the mean row; of a direction, the direction itself.</summary>
    public static double[] OfNormed(Qwen2Model model, LogitTarget target, ReadOnlySpan<double> mean = default)
    {
        if (target.Direction is { } given)
            return [.. given.Values];
        var answer = model.Rows(model.Weights.Unembedding, target.Answer!.Value);
        var foil = target.Foil is { } token ? model.Rows(model.Weights.Unembedding, token) : [];
        var direction = new double[answer.Length];
        for (var i = 0; i < direction.Length; i++)
            direction[i] = answer[i] - (foil.Length > 0 ? foil[i] : mean.IsEmpty ? 0.0 : mean[i]);
        return direction;
    }

    float[] Biases(Tensor bias) => model.Rows(bias, 0);

    double[] Along(Tensor weight) => model.Transposed(weight, Stream);
}
