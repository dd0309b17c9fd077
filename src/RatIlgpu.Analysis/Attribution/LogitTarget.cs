namespace RatIlgpu.Analysis;

/// <summary>Whose logit is looked at: a token's, or by how much it is above another's.</summary>
/// <param name="Answer">The token.</param>
/// <param name="Foil">The token it is compared with; null for none.</param>
public readonly record struct LogitTarget(int Answer, int? Foil = null)
{
    /// <summary>Refuses tokens that a model has not, and a difference of nothing.</summary>
    /// <param name="vocabularySize">The tokens of the model.</param>
    /// <exception cref="ArgumentException">Answer and foil are the same token.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public void Check(int vocabularySize)
    {
        foreach (var token in (ReadOnlySpan<int>)[Answer, Foil ?? Answer])
            if ((uint)token >= (uint)vocabularySize)
                throw new ArgumentOutOfRangeException(
                    null, $"Token {token} is not in the model's vocabulary of {vocabularySize}.");
        if (Foil == Answer)
            throw new ArgumentException($"Answer and foil are both token {Answer}: their logits do not differ.");
    }
}
