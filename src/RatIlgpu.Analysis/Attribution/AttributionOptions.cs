namespace RatIlgpu.Analysis;

/// <summary>How to take a logit apart; change it with <c>with</c>.</summary>
public sealed record AttributionOptions
{
    /// <summary>Gets into what parts. Default: sublayers.</summary>
    public AttributionUnit Unit { get; init; } = AttributionUnit.Sublayer;

    /// <summary>Gets where the biases of values go. Default: they stay with the heads.</summary>
    public ValueBiasTreatment ValueBias { get; init; } = ValueBiasTreatment.InHeads;

    /// <summary>Gets from where the logit of a single token is counted. Default: from 0.</summary>
    public LogitReference Reference { get; init; } = LogitReference.Raw;

    /// <summary>Refuses what does not go together.</summary>
    /// <exception cref="ArgumentException">Value biases are asked for apart where there is no row to take them
    /// from.</exception>
    internal void Check()
    {
        if (Unit == AttributionUnit.CumulativeLayer && ValueBias == ValueBiasTreatment.Separate)
            throw new ArgumentException(
                $"{Unit} shows streams, which have no row for value biases: use {ValueBiasTreatment.InHeads}.");
    }
}

/// <summary>Into what parts of the residual stream a logit is taken apart.</summary>
public enum AttributionUnit
{
    /// <summary>The embedding, and of every layer attention and MLP.</summary>
    Sublayer,

    /// <summary>The stream before and in the middle of every layer, and after the last: each row holds the ones before
    /// it, so that rows must not be summed. All are divided by the scale of the last, which is what tells this from a
    /// <see cref="LogitLens"/>.</summary>
    CumulativeLayer,

    /// <summary>Every head, and the rest in one row.</summary>
    Head,

    /// <summary>Every head by the positions that it attends to, and the rest in one row.</summary>
    HeadBySource,

    /// <summary>Every neuron of every MLP, and the rest in one row.</summary>
    Neuron,
}

/// <summary>Where the biases of values go, which every head writes at every position of every prompt, since a row of
/// attention sums to 1.</summary>
public enum ValueBiasTreatment
{
    /// <summary>They stay with the heads, as the model computes them.</summary>
    InHeads,

    /// <summary>They are a row of each layer. What is then left of a head is what TransformerLens shows, which moves
    /// the biases when it loads a model.</summary>
    Separate,
}

/// <summary>From where the logit of a single token is counted; without meaning for a difference of two.</summary>
public enum LogitReference
{
    /// <summary>From 0: the logit as the model gives it.</summary>
    Raw,

    /// <summary>From the mean of all logits at the position, as TransformerLens shows it, which centres the unembedding
    /// when it loads a model. What a part adds to all tokens alike then counts for nothing.</summary>
    VocabularyMean,
}
