namespace RatIlgpu.Analysis;

/// <summary>The rows of an attribution in the order of the model, without the rounding row.</summary>
sealed class AttributionRows(PositionTerms at, Qwen2Config config, bool separateBiases)
{
    /// <summary>Returns the rows of a unit.</summary>
    public IEnumerable<Contribution> Of(AttributionUnit unit, int position) => unit switch
    {
        AttributionUnit.Sublayer => Sublayers(),
        AttributionUnit.CumulativeLayer => Streams(),
        AttributionUnit.Head => [.. Layers.SelectMany(Heads), .. Biases, RestOfHeads()],
        AttributionUnit.HeadBySource =>
            [.. Layers.SelectMany(layer => Sources(layer, position)), .. Biases, RestOfHeads()],
        AttributionUnit.Neuron => [.. Layers.SelectMany(Neurons), .. Biases, RestOfNeurons()],
        _ => throw new ArgumentOutOfRangeException(nameof(unit), $"{unit} is no unit of attribution."),
    };

    IEnumerable<int> Layers => Enumerable.Range(0, config.LayerCount);

    IEnumerable<Contribution> Biases => separateBiases ? Layers.Select(Bias) : [];

    IEnumerable<Contribution> Sublayers()
    {
        yield return new(new ResidualTerm.Embedding(), Embedding);
        foreach (var layer in Layers)
        {
            yield return new(new ResidualTerm.Attention(layer), Attention(layer));
            if (separateBiases)
                yield return Bias(layer);
            yield return new(new ResidualTerm.Mlp(layer), Mlp(layer));
        }
    }

    IEnumerable<Contribution> Streams()
    {
        foreach (var layer in Layers)
        {
            yield return new(new ResidualTerm.StreamBefore(layer), at.Written(Activation.ResidualBefore, layer));
            yield return new(new ResidualTerm.StreamMiddle(layer), at.Written(Activation.ResidualMiddle, layer));
        }

        yield return new(
            new ResidualTerm.FinalStream(), at.Written(Activation.ResidualAfter, config.LayerCount - 1));
    }

    IEnumerable<Contribution> Heads(int layer)
    {
        for (var head = 0; head < config.HeadCount; head++)
            yield return new(
                new ResidualTerm.Head(new(layer, head)),
                at.Head(layer, head) - (separateBiases ? at.Bias(layer, head) : 0));
    }

    IEnumerable<Contribution> Sources(int layer, int position)
    {
        for (var head = 0; head < config.HeadCount; head++)
        {
            var values = at.Values(new(layer, head));
            for (var source = 0; source <= position; source++)
                yield return new(
                    new ResidualTerm.HeadSource(new(layer, head), source),
                    at.Source(layer, head, values.Row(source), source, withBias: !separateBiases));
        }
    }

    IEnumerable<Contribution> Neurons(int layer) =>
        at.Neurons(layer).Select((added, neuron) => new Contribution(new ResidualTerm.Neuron(layer, neuron), added));

    Contribution Bias(int layer) => new(new ResidualTerm.ValueBias(layer), at.Bias(layer));

    // Not computed by subtraction: then any rows, even wrong ones, would sum to the logit.
    Contribution RestOfHeads() => new(new ResidualTerm.Remainder(), Embedding + Layers.Sum(Mlp));

    Contribution RestOfNeurons() => new(new ResidualTerm.Remainder(), Embedding + Layers.Sum(Attention));

    double Embedding => at.Written(Activation.Embedding, 0);

    double Attention(int layer) =>
        at.Written(Activation.AttentionOutput, layer) - (separateBiases ? at.Bias(layer) : 0);

    double Mlp(int layer) => at.Written(Activation.MlpOutput, layer);
}

/// <summary>The contributions of the parts of the stream at one position to a logit.</summary>
sealed class PositionTerms(Recording run, Qwen2Config config, LogitDirection direction, int position)
{
    /// <summary>Gets the scale of the final stream, <c>sqrt(mean(x²) + ε)</c>.</summary>
    public double Scale { get; } = RowMath.RmsScale(
        run[new(Activation.ResidualAfter, config.LayerCount - 1)].Row(position), config.RmsNormEpsilon);

    /// <summary>Returns the logit that the model gives.</summary>
    public double Measured() => RowMath.Dot(run[Site.FinalNorm].Row(position), direction.Normed);

    /// <summary>Returns the contribution of an activation of the width of the stream.</summary>
    public double Written(Activation activation, int layer) =>
        RowMath.Dot(run[new(activation, layer)].Row(position), direction.Stream) / Scale;

    /// <summary>Returns the contribution of a head.</summary>
    public double Head(int layer, int head) =>
        RowMath.Dot(run[new(Activation.HeadOutput, layer)].Row(position, head), Part(layer, head)) / Scale;

    /// <summary>Returns the part of a head that comes from its value bias.</summary>
    public double Bias(int layer, int head) => RowMath.Dot(BiasOf(layer, head), Part(layer, head)) / Scale;

    /// <summary>Returns the part of all heads of a layer that comes from their value biases.</summary>
    public double Bias(int layer)
    {
        var sum = 0.0;
        for (var head = 0; head < config.HeadCount; head++)
            sum += Bias(layer, head);
        return sum;
    }

    /// <summary>Returns the values that a head reads.</summary>
    public HeadRows Values(HeadIndex head) => HeadRows.Values(run, config, head);

    /// <summary>Returns the contribution of a head from one position that it attends to, with or without the value
    /// bias.</summary>
    public double Source(int layer, int head, ReadOnlySpan<float> value, int source, bool withBias)
    {
        var attention = run[new(Activation.Pattern, layer)].Row(position, head)[source];
        var along = Part(layer, head);
        var read = RowMath.Dot(value, along);
        return attention * (withBias ? read : read - RowMath.Dot(BiasOf(layer, head), along)) / Scale;
    }

    /// <summary>Returns the contribution of each neuron of a layer.</summary>
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
}
