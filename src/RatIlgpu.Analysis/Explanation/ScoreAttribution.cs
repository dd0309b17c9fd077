namespace RatIlgpu.Analysis;

/// <summary>Why a head at a query attends to a key as it does: its score before the softmax as a sum over pairs of a
/// part of the query and a part of the key.</summary>
/// <remarks>Elhage et al., A Mathematical Framework for Transformer Circuits, 2021; Kamath et al., Tracing Attention
/// Computation Through Feature Interactions, 2025.</remarks>
public sealed record ScoreAttribution
{
    // Above this attention, the derivative of its logarithm is below a tenth of that of the score.
    const double Saturated = 0.9;

    internal ScoreAttribution()
    {
    }

    /// <summary>Gets the prompt.</summary>
    public required ValueArray<int> TokenIds { get; init; }

    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null if there was no
    /// padding.</summary>
    public required ValueArray<int>? AttentionMask { get; init; }

    /// <summary>Gets a line that describes each intervention in the run, and in those of
    /// <see cref="Verification"/>; none if there was no intervention.</summary>
    public required ValueArray<string> Interventions { get; init; }

    /// <summary>Gets the head.</summary>
    public required HeadIndex Head { get; init; }

    /// <summary>Gets the position of the query, from 0.</summary>
    public required int Query { get; init; }

    /// <summary>Gets the position of the key, from 0.</summary>
    public required int Key { get; init; }

    /// <summary>Gets the options.</summary>
    public required ScoreAttributionOptions Options { get; init; }

    /// <summary>Gets the score of the run, <c>q·k / sqrt(headSize)</c>.</summary>
    public required double Score { get; init; }

    /// <summary>Gets the attention of the run, in [0, 1].</summary>
    public required double Attention { get; init; }

    /// <summary>Gets the attention of the query to each position up to its own, <c>[query + 1]</c>, in [0, 1]; 0 where
    /// it sees none.</summary>
    public required ValueArray<double> QueryAttention { get; init; }

    /// <summary>Gets what the pairs sum to: the score, less what the reading compares it with, both of the
    /// run.</summary>
    public required double Measured { get; init; }

    /// <summary>Gets the parts of the query in the order of the model, the bias last where there is one.</summary>
    public required ValueArray<ResidualTerm> QueryParts { get; init; }

    /// <summary>Gets the parts of the key in the order of the model, the bias last where there is one.</summary>
    public required ValueArray<ResidualTerm> KeyParts { get; init; }

    /// <summary>Gets what each pair adds, <c>[query parts, key parts]</c>, row by row.</summary>
    public required ValueArray<double> Pairs { get; init; }

    /// <summary>Gets the attention to the key if a part were taken away from it, and from no other key, <c>[key
    /// parts]</c>, in [0, 1]; with the scales of the norms of this run.</summary>
    public required ValueArray<double> AttentionWithout { get; init; }

    /// <summary>Gets what the biases and the mean of all token embeddings add to <see cref="Measured"/>: but for the
    /// scales of the norms it depends on positions alone, and not on tokens. Only the pairs of biases are pairs of the
    /// table; the mean is a part of the embeddings.</summary>
    public required double PositionAlone { get; init; }

    /// <summary>Gets what each part of the query adds, <c>[query parts]</c>: the sum of its row.</summary>
    public required ValueArray<double> ByQueryPart { get; init; }

    /// <summary>Gets what each part of the key adds, <c>[key parts]</c>: the sum of its column.</summary>
    public required ValueArray<double> ByKeyPart { get; init; }

    /// <summary>Gets what was measured with parts taken out; null before <see cref="ScoreVerifier.Verify"/>.</summary>
    public ScoreVerification? Verification { get; init; }

    /// <summary>Gets what the pairs miss of <see cref="Measured"/>: rounding, and in a run with interventions their
    /// change between a part and the score.</summary>
    public double Rounding => Measured - Pairs.Sum();

    /// <summary>Gets whether the numbers are small because attention is saturated, and not because parts do not matter:
    /// the reading is <see cref="ScoreReading.Gradient"/>, and the attention above 0.9.</summary>
    public bool IsSaturated => Options.Reading == ScoreReading.Gradient && Attention > Saturated;

    /// <summary>Gets what a pair adds.</summary>
    /// <param name="query">The part of the query, in [0, query parts).</param>
    /// <param name="key">The part of the key, in [0, key parts).</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public double this[int query, int key]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)query, (uint)QueryParts.Length, nameof(query));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)key, (uint)KeyParts.Length, nameof(key));
            return Pairs[(query * KeyParts.Length) + key];
        }
    }

    /// <summary>Returns the pairs of the largest magnitude, the largest first.</summary>
    /// <param name="count">The most to return.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ImmutableArray<ScorePair> Top(int count) => count >= 0
        ?
        [
            // Equal values stay in the order of the model.
            .. Enumerable.Range(0, Pairs.Length).OrderBy(place => -Math.Abs(Pairs[place])).Take(count)
                .Select(place => new ScorePair(
                    QueryParts[place / KeyParts.Length], KeyParts[place % KeyParts.Length], Pairs[place])),
        ]
        : throw new ArgumentOutOfRangeException(nameof(count), $"{count} pairs asked, expected 0 or more.");
}

/// <summary>What a part of a query and a part of a key add to an attention score.</summary>
/// <param name="Query">The part of the query.</param>
/// <param name="Key">The part of the key.</param>
/// <param name="Value">What the pair adds.</param>
public readonly record struct ScorePair(ResidualTerm Query, ResidualTerm Key, double Value)
{
    /// <summary>Returns parts and value, such as <c>embed · L1H0: 1.25</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Query} · {Key}: {Value}");
}
