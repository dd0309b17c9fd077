using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>The rows of an attribution, all but that of rounding, in the order of the model.</summary>
/// <param name="at">What the parts of the stream at the position add.</param>
/// <param name="config">The sizes of the model.</param>
/// <param name="separate">Whether value biases are rows of their own.</param>
sealed class AttributionRows(PositionTerms at, Qwen2Config config, bool separate)
{
    /// <summary>Returns the rows of a unit.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="position">The position, the last that its heads attend to.</param>
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

    IEnumerable<Contribution> Biases => separate ? Layers.Select(Bias) : [];

    IEnumerable<Contribution> Sublayers()
    {
        yield return new(new ResidualTerm.Embedding(), Embedding);
        foreach (var layer in Layers)
        {
            yield return new(new ResidualTerm.Attention(layer), Attention(layer));
            if (separate)
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
                at.Head(layer, head) - (separate ? at.Bias(layer, head) : 0));
    }

    IEnumerable<Contribution> Sources(int layer, int position)
    {
        for (var head = 0; head < config.HeadCount; head++)
            for (var source = 0; source <= position; source++)
                yield return new(
                    new ResidualTerm.HeadSource(new(layer, head), source),
                    at.Source(layer, head, source, withBias: !separate));
    }

    IEnumerable<Contribution> Neurons(int layer) =>
        at.Neurons(layer).Select((added, neuron) => new Contribution(new ResidualTerm.Neuron(layer, neuron), added));

    Contribution Bias(int layer) => new(new ResidualTerm.ValueBias(layer), at.Bias(layer));

    // Never what is left of the logit: then any numbers at all, even wrong ones, would sum to it.
    Contribution RestOfHeads() => new(new ResidualTerm.Remainder(), Embedding + Layers.Sum(Mlp));

    Contribution RestOfNeurons() => new(new ResidualTerm.Remainder(), Embedding + Layers.Sum(Attention));

    double Embedding => at.Written(Activation.Embedding, 0);

    double Attention(int layer) =>
        at.Written(Activation.AttentionOutput, layer) - (separate ? at.Bias(layer) : 0);

    double Mlp(int layer) => at.Written(Activation.MlpOutput, layer);
}
