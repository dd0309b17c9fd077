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
