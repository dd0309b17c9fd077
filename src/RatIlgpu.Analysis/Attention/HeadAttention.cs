namespace RatIlgpu.Analysis;

/// <summary>The attention of one head over one prompt, whose rows are made when they are asked for.</summary>
/// <param name="head">The head.</param>
/// <param name="tokenCount">The number of tokens of the prompt, at least 1.</param>
/// <param name="rows">Makes rows of the pattern.</param>
public sealed class HeadAttention(HeadIndex head, int tokenCount, PatternRows rows)
{
    /// <summary>Gets the head.</summary>
    public HeadIndex Head { get; } = head;

    /// <summary>Gets the number of tokens of the prompt.</summary>
    public int TokenCount { get; } = tokenCount > 0
        ? tokenCount
        : throw new ArgumentOutOfRangeException(nameof(tokenCount), $"{tokenCount} tokens, expected at least one.");

    /// <summary>Gets the value factor of each key, <c>[tokens]</c>: <c>|v[k]| / maxₛ |v[s]|</c> over the tokens that
    /// are no padding, in [0, 1]; 0 for padding. Null where it was not asked for.</summary>
    public ImmutableArray<float>? ValueFactors { get; init; }

    /// <summary>Gets the info factor of each key, <c>[tokens]</c>: <c>|v[k] Wₒ| / maxₛ |v[s] Wₒ|</c> over the tokens
    /// that are no padding, in [0, 1]; 0 for padding. Null where it was not asked for.</summary>
    public ImmutableArray<float>? InfoFactors { get; init; }

    /// <summary>Gets the rotated queries, <c>[tokens, headSize]</c>; null where they were not asked for.</summary>
    public ImmutableArray<float>? Queries { get; init; }

    /// <summary>Gets the rotated keys, <c>[tokens, headSize]</c>, where <c>score[q, k] = query[q]·key[k] /
    /// sqrt(headSize)</c>; null where they were not asked for.</summary>
    public ImmutableArray<float>? Keys { get; init; }

    /// <summary>Gets what writes rows of the rollout through the layer of the head, <c>[n, tokens]</c>: how much each
    /// position holds of each token, as <see cref="AttentionRollout"/> has it. Only the last head of each layer has
    /// one; null where it was not asked for.</summary>
    public PatternRows? Rollout { get; init; }

    /// <summary>Returns the factor of each key for a weighting, <c>[tokens]</c>; null for none. A weighted pattern is
    /// <c>pattern[q, k] · factor[k]</c>.</summary>
    /// <param name="weights">The weighting.</param>
    /// <exception cref="ArgumentException">The factors were not asked for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weighting is <see cref="AttentionWeights.Contribution"/>,
    /// which is of all heads, or not a member of <see cref="AttentionWeights"/>.</exception>
    public ImmutableArray<float>? FactorsOf(AttentionWeights weights) => weights switch
    {
        AttentionWeights.Standard => null,
        AttentionWeights.Value => ValueFactors ?? throw Missing(nameof(ValueFactors)),
        AttentionWeights.Info => InfoFactors ?? throw Missing(nameof(InfoFactors)),
        _ => throw new ArgumentOutOfRangeException(
            nameof(weights), $"{weights} is no weighting of the attention of one head."),
    };

    /// <summary>Makes rows of the pattern: the probability of each key for some consecutive queries, 0 for keys that a
    /// query does not see. Rows that are made together take less time than one by one.</summary>
    /// <param name="firstQuery">The first query, in [0, tokens).</param>
    /// <param name="rows"><c>[n, tokens]</c>; the row of a query that is padding is zeros.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such query.</exception>
    /// <exception cref="ArgumentException">The length is no multiple of the tokens, or goes past the last
    /// query.</exception>
    /// <exception cref="ArithmeticException">The attention is not a number.</exception>
    /// <exception cref="ObjectDisposedException">The attention was read while a model ran, and the run went
    /// on.</exception>
    public void CopyRows(int firstQuery, Span<float> rows)
    {
        if ((uint)firstQuery >= (uint)TokenCount)
            throw new ArgumentOutOfRangeException(
                nameof(firstQuery), $"query {firstQuery} asked, expected 0 to {TokenCount - 1}.");
        if (rows.Length % TokenCount != 0 || rows.Length / TokenCount > TokenCount - firstQuery)
            throw new ArgumentException(
                $"Memory for {rows.Length} numbers from query {firstQuery} on, expected {TokenCount} for each of at "
                + $"most {TokenCount - firstQuery} queries.", nameof(rows));
        Write(firstQuery, rows);
    }

    /// <summary>Returns the head with a rollout.</summary>
    internal HeadAttention With(PatternRows rollout) => new(Head, TokenCount, Write)
    {
        ValueFactors = ValueFactors,
        InfoFactors = InfoFactors,
        Queries = Queries,
        Keys = Keys,
        Rollout = rollout,
    };

    PatternRows Write { get; } = rows;

    static ArgumentException Missing(string factors) =>
        new($"The {factors} were not asked for: set {factors} in {nameof(AttentionOptions)}.");
}
