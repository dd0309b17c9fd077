using RatIlgpu.Text;

namespace RatIlgpu.Analysis;

/// <summary>How far two models of one shape differ on texts.</summary>
public sealed record TextDivergence
{
    /// <summary>Gets where the texts are from, in a few words.</summary>
    public required string Origin { get; init; }

    /// <summary>Gets the sequences, each with the divergence of the logits at each position.</summary>
    public required ValueArray<DiffText> Texts { get; init; }

    /// <summary>Gets how far attention differs, by layer, then by head.</summary>
    public required ValueArray<HeadDivergence> Heads { get; init; }

    /// <summary>Gets for each layer the mean over positions of the cosine between the streams of both models after the
    /// layer, in [−1, 1].</summary>
    public required ValueArray<double> Cosines { get; init; }

    /// <summary>Gets the mean over positions of <c>KL(A ‖ B)</c> of the next token, in nats; null where a model has no
    /// logits.</summary>
    public double? MeanKl { get; init; }

    /// <summary>Gets the mean of <c>−log p</c> that A gives the tokens that follow, in nats; null where there is no
    /// such token or a model has no logits.</summary>
    public double? LossA { get; init; }

    /// <summary>Gets the mean of <c>−log p</c> that B gives the tokens that follow, in nats; null as for <see
    /// cref="LossA"/>.</summary>
    public double? LossB { get; init; }

    /// <summary>Gets the positions at which the likeliest next token changed, the largest divergence first.</summary>
    public ValueArray<ChangedPrediction> Predictions { get; init; } = [];

    /// <summary>Gets the number of positions.</summary>
    public int PositionCount => Texts.Items.Sum(text => text.Tokens.Length);
}

/// <summary>A sequence on which both models ran.</summary>
/// <param name="Name">The place of the text, such as its file.</param>
/// <param name="Tokens">The tokens.</param>
/// <param name="Kl"><c>KL(A ‖ B)</c> of the token that follows each position, in nats; empty where a model has no
/// logits.</param>
public sealed record DiffText(string Name, ValueArray<TokenText> Tokens, ValueArray<double> Kl);

/// <summary>How far the attention of a head differs between two models.</summary>
/// <param name="Head">The head.</param>
/// <param name="Mean">The means over all queries but the first of each sequence, which sees itself alone.</param>
/// <param name="Most">The largest of each number over these queries.</param>
/// <param name="Count">The number of these queries; where it is 0, so are the other numbers.</param>
public sealed record HeadDivergence(HeadIndex Head, PatternDivergence Mean, PatternDivergence Most, long Count);

/// <summary>A position at which two models predict different tokens.</summary>
/// <param name="Text">The place of the sequence in <see cref="TextDivergence.Texts"/>.</param>
/// <param name="Position">The position, from 0, after which the token is predicted.</param>
/// <param name="A">The likeliest token of A.</param>
/// <param name="B">The likeliest token of B.</param>
/// <param name="Kl"><c>KL(A ‖ B)</c> at the position, in nats.</param>
public sealed record ChangedPrediction(int Text, int Position, DiffToken A, DiffToken B, double Kl);

/// <summary>A token and its probabilities in two models.</summary>
/// <param name="Token">The token.</param>
/// <param name="ChanceA">Its probability in A.</param>
/// <param name="ChanceB">Its probability in B.</param>
public sealed record DiffToken(TokenText Token, double ChanceA, double ChanceB);
