namespace RatIlgpu.Analysis;

/// <summary>The logit of a token, or its difference from that of another.</summary>
public readonly record struct LogitTarget
{
    /// <summary>Names the tokens.</summary>
    /// <param name="answer">The token.</param>
    /// <param name="foil">The token whose logit is subtracted; null for none.</param>
    /// <exception cref="ArgumentException">Answer and foil are the same token.</exception>
    public LogitTarget(int answer, int? foil = null) => (Answer, Foil) = foil != answer
        ? (answer, foil)
        : throw new ArgumentException($"Answer and foil are both token {answer}: their logits do not differ.");

    /// <summary>Gets the token.</summary>
    public int Answer { get; }

    /// <summary>Gets the token whose logit is subtracted; null for none.</summary>
    public int? Foil { get; }

    /// <summary>Throws if the model does not have a token.</summary>
    internal void CheckFor(Qwen2Config config)
    {
        foreach (var token in (ReadOnlySpan<int>)[Answer, Foil ?? Answer])
            if ((uint)token >= (uint)config.VocabularySize)
                throw new ArgumentOutOfRangeException(
                    token == Answer ? nameof(Answer) : nameof(Foil),
                    $"Token {token} is not in the model's vocabulary of {config.VocabularySize}.");
    }
}
