namespace RatIlgpu.Analysis;

/// <summary>The tokens before a sequence: those that the tokenizer puts before every prompt, and where asked for the
/// token between texts.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Warning">What was asked for and is not there; null for nothing.</param>
sealed record SequenceStart(ImmutableArray<int> Ids, string? Warning)
{
    const string EndOfText = "<|endoftext|>";

    /// <summary>Returns the tokens before a sequence.</summary>
    public static SequenceStart Of(Tokenizer tokenizer, int vocabularySize, bool startsWithEndOfText)
    {
        var ids = tokenizer.PromptStart;
        if (!startsWithEndOfText)
            return new(ids, null);
        return tokenizer.EncodesTexts && tokenizer.TryTokenOf(EndOfText, out var id) && id < vocabularySize
            ? new([.. ids, id], null)
            : new(ids, $"The tokenizer has no token {EndOfText}; sequences start without it.");
    }
}
