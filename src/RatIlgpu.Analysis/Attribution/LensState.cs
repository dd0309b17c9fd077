namespace RatIlgpu.Analysis;

/// <summary>The prediction of a state of the residual stream, read as if it were the final one.</summary>
/// <param name="State">The state: <see cref="ResidualTerm.StreamBefore"/>, <see cref="ResidualTerm.StreamMiddle"/> or
/// <see cref="ResidualTerm.FinalStream"/>.</param>
/// <param name="Position">The position, from 0.</param>
/// <param name="Top">The most probable tokens, the most probable first.</param>
/// <param name="Tokens">The requested tokens, in the requested order.</param>
public sealed record LensState(
    ResidualTerm State, int Position, ValueArray<LensToken> Top, ValueArray<LensToken> Tokens)
{
    /// <summary>Gets what the requested directions read in the state, in the requested order.</summary>
    public ValueArray<LensProjection> Projections { get; init; } = [];

    /// <summary>Gets the entropy of the prediction in nats, <c>−Σ p log p</c> over the vocabulary, in
    /// <c>[0, log(vocabulary)]</c>.</summary>
    public double Entropy { get; init; }

    /// <summary>Gets the Kullback-Leibler divergence to the final prediction f at the position in nats,
    /// <c>KL(f ‖ p) = Σ f log(f / p)</c>: at least 0, and 0 in the final state.</summary>
    /// <remarks>Belrose et al., Eliciting Latent Predictions from Transformers with the Tuned Lens, 2023, measure a
    /// state in this direction.</remarks>
    public double KlDivergence { get; init; }
}

/// <summary>What a direction reads in a state of the stream: <c>(g ⊙ x / σ) · v</c>, with the scale of the
/// state.</summary>
/// <param name="Direction">The direction.</param>
/// <param name="Value">The number.</param>
public readonly record struct LensProjection(StreamDirection Direction, double Value);

/// <summary>A token in the prediction of a state of the stream.</summary>
/// <param name="Id">The token.</param>
/// <param name="Rank">1 for the most probable; of equal logits, the token with the lower id comes first.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
public readonly record struct LensToken(int Id, int Rank, double Logit, double Probability);
