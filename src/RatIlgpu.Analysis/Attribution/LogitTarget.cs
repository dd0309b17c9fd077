namespace RatIlgpu.Analysis;

/// <summary>The logit of a token, its difference from that of another, or the number that a direction of the stream
/// reads in a logit's place.</summary>
public readonly record struct LogitTarget
{
    /// <summary>Names the tokens.</summary>
    /// <param name="answer">The token.</param>
    /// <param name="foil">The token whose logit is subtracted; null for none.</param>
    /// <exception cref="ArgumentException">Answer and foil are the same token.</exception>
    public LogitTarget(int answer, int? foil = null) => (Answer, Foil) = foil != answer
        ? (answer, foil)
        : throw new ArgumentException($"Answer and foil are both token {answer}: their logits do not differ.");

    /// <summary>Names a direction of the stream in a token's place.</summary>
    /// <param name="direction">The direction.</param>
    public LogitTarget(StreamDirection direction) =>
        Direction = direction ?? throw new ArgumentNullException(nameof(direction));

    /// <summary>Gets the token; null where a direction is read.</summary>
    public int? Answer { get; }

    /// <summary>Gets the token whose logit is subtracted; null for none.</summary>
    public int? Foil { get; }

    /// <summary>Gets the direction that takes the place of a token's row of the unembedding; null where tokens are
    /// read.</summary>
    public StreamDirection? Direction { get; }

    /// <summary>Returns the difference of two logits.</summary>
    /// <param name="answer">The token.</param>
    /// <param name="foil">The token whose logit is subtracted.</param>
    /// <exception cref="ArgumentException">Answer and foil are the same token.</exception>
    public static LogitTarget Difference(int answer, int foil) => new(answer, foil);

    /// <summary>Gets the tokens, the answer first; none where a direction is read.</summary>
    internal ImmutableArray<int> Tokens =>
        [.. new[] { Answer, Foil }.Where(token => token is not null).Select(token => token!.Value)];

    /// <summary>Throws if the model does not have a token, or its stream another width than the direction.</summary>
    internal void CheckFor(Qwen2Config config)
    {
        if (Answer is null && Direction is null)
            throw new ArgumentException("The target has neither a token nor a direction, expected one of the two.");
        Direction?.CheckFor(config);
        foreach (var token in Tokens)
            if ((uint)token >= (uint)config.VocabularySize)
                throw new ArgumentOutOfRangeException(
                    token == Answer ? nameof(Answer) : nameof(Foil),
                    $"Token {token} is not in the model's vocabulary of {config.VocabularySize}.");
    }
}
