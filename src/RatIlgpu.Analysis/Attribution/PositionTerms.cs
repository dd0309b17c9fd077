using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What the parts of the stream at one position of a recording add to a logit.</summary>
/// <param name="run">The recording.</param>
/// <param name="config">The sizes of the model.</param>
/// <param name="direction">The direction of the logit.</param>
/// <param name="position">The position, from 0.</param>
sealed class PositionTerms(Recording run, Qwen2Config config, LogitDirection direction, int position)
{
    /// <summary>Gets the scale of the final stream, <c>sqrt(mean(x²) + ε)</c>.</summary>
    public double Scale { get; } =
        ScaleOf(run[new(Activation.ResidualAfter, config.LayerCount - 1)].Row(position), config.RmsNormEpsilon);

    /// <summary>Returns the logit that the model gives.</summary>
    public double Measured() => Dot(run[Site.FinalNorm].Row(position), direction.Normed);

    /// <summary>Returns what an activation of the width of the stream adds.</summary>
    public double Written(Activation activation, int layer) =>
        Dot(run[new(activation, layer)].Row(position), direction.Stream) / Scale;

    /// <summary>Returns what a head adds.</summary>
    public double Head(int layer, int head) =>
        Dot(run[new(Activation.HeadOutput, layer)].Row(position, head), Part(layer, head)) / Scale;

    /// <summary>Returns what a head adds of the biases of its values.</summary>
    public double Bias(int layer, int head) => Dot(BiasOf(layer, head), Part(layer, head)) / Scale;

    /// <summary>Returns what all heads of a layer add of the biases of their values.</summary>
    public double Bias(int layer)
    {
        var sum = 0.0;
        for (var head = 0; head < config.HeadCount; head++)
            sum += Bias(layer, head);
        return sum;
    }

    /// <summary>Returns what a head adds of what it reads at a position.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The head.</param>
    /// <param name="source">The position attended to.</param>
    /// <param name="withBias">Whether the bias of the value counts.</param>
    public double Source(int layer, int head, int source, bool withBias)
    {
        var attention = run[new(Activation.Pattern, layer)].Row(position, head)[source];
        var along = Part(layer, head);
        // What the head read: where it has values of its own, those and not its group's.
        var value = run.TryGet(new(Activation.HeadValue, layer), out var own)
            ? Dot(own.Row(source, head), along)
            : Dot(run[new(Activation.Value, layer)].Row(source, head / config.GroupSize), along);
        return attention * (withBias ? value : value - Dot(BiasOf(layer, head), along)) / Scale;
    }

    /// <summary>Returns what the neurons of a layer add.</summary>
    public double[] Neurons(int layer)
    {
        var neurons = run[new(Activation.MlpNeurons, layer)].Row(position);
        var along = direction.Neurons[layer];
        var added = new double[neurons.Length];
        for (var i = 0; i < added.Length; i++)
            added[i] = neurons[i] * along[i] / Scale;
        return added;
    }

    ReadOnlySpan<double> Part(int layer, int head) =>
        direction.Heads[layer].AsSpan(head * config.HeadSize, config.HeadSize);

    ReadOnlySpan<float> BiasOf(int layer, int head) =>
        direction.ValueBiases[layer].AsSpan(head / config.GroupSize * config.HeadSize, config.HeadSize);

    static double ScaleOf(ReadOnlySpan<float> stream, double epsilon)
    {
        var squares = 0.0;
        foreach (double number in stream)
            squares += number * number;
        return Math.Sqrt(squares / stream.Length + epsilon);
    }

    static double Dot(ReadOnlySpan<float> numbers, ReadOnlySpan<double> direction)
    {
        var sum = 0.0;
        for (var i = 0; i < numbers.Length; i++)
            sum += numbers[i] * direction[i];
        return sum;
    }
}
