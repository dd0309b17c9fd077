namespace RatIlgpu.Analysis;

/// <summary>The options of an attribution; change them with <c>with</c>.</summary>
public sealed record AttributionOptions
{
    /// <summary>Gets the parts. Default: sublayers.</summary>
    public AttributionUnit Unit { get; init; } = AttributionUnit.Sublayer;

    /// <summary>Gets the row that the value biases count in. Default: the row of their head.</summary>
    public ValueBiasTreatment ValueBias { get; init; } = ValueBiasTreatment.InHeads;

    /// <summary>Gets the zero point of the logit of a single token. Default: 0, the logit of the model.</summary>
    public LogitReference Reference { get; init; } = LogitReference.Raw;

    /// <summary>Throws if the options contradict each other.</summary>
    /// <exception cref="ArgumentException">Value biases are to be separated from streams, which do not have rows for
    /// them.</exception>
    internal void Check()
    {
        if (Unit == AttributionUnit.CumulativeLayer && ValueBias == ValueBiasTreatment.Separate)
            throw new ArgumentException(
                $"{Unit} shows streams, which have no row for value biases: use {ValueBiasTreatment.InHeads}.");
    }
}

/// <summary>The parts of the residual stream among which a logit is divided.</summary>
public enum AttributionUnit
{
    /// <summary>The embedding, and the attention and the MLP of every layer.</summary>
    Sublayer,

    /// <summary>The stream before and in the middle of every layer, and after the last. Each row contains the rows
    /// before it, so rows must not be summed. All are divided by the scale of the final stream; a
    /// <see cref="LogitLens"/> uses the scale of each.</summary>
    CumulativeLayer,

    /// <summary>Every head; one row for everything else.</summary>
    Head,

    /// <summary>Every head and position that it attends to; one row for everything else.</summary>
    HeadBySource,

    /// <summary>Every neuron of every MLP; one row for everything else.</summary>
    Neuron,
}

/// <summary>The row that the value biases count in. A row of attention sums to 1, so every head writes its value bias
/// at every position of every prompt.</summary>
public enum ValueBiasTreatment
{
    /// <summary>The row of the head, as the model computes it.</summary>
    InHeads,

    /// <summary>A separate row for each layer; none if the model has no biases. The rows of the heads are then those of
    /// TransformerLens, which moves the value biases when it loads a model.</summary>
    Separate,
}

/// <summary>The zero point of the logit of a single token; it has no meaning for a difference of two.</summary>
public enum LogitReference
{
    /// <summary>Zero: the logit as the model gives it.</summary>
    Raw,

    /// <summary>The mean of all logits at the position, as in TransformerLens, which centres the unembedding when it
    /// loads a model. A contribution that is the same for all tokens then counts as 0.</summary>
    VocabularyMean,
}
