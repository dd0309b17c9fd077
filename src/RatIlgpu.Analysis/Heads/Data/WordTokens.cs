namespace RatIlgpu.Analysis;

/// <summary>Finds which words are single tokens of a model.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
sealed class WordTokens(Tokenizer tokenizer, int vocabularySize)
{
    /// <summary>Returns the token of a word, with the space before it unless it stands right after a sign; null if the
    /// word is several tokens.</summary>
    public int? Of(string word, bool isCompact = false) =>
        tokenizer.EncodesTexts
        && tokenizer.TryTokenOf(isCompact ? word : " " + word, out var id)
        && id < vocabularySize
        && !tokenizer.IsAdded(id)
            ? id
            : null;

    /// <summary>Returns those of some words that are single tokens, each token once.</summary>
    public ImmutableArray<(string Word, int Id)> Of(ImmutableArray<string> words, bool isCompact = false) =>
    [
        .. words.Select(word => (Word: word, Id: Of(word, isCompact))).Where(word => word.Id is not null)
            .Select(word => (word.Word, Id: word.Id!.Value)).DistinctBy(word => word.Id),
    ];

    /// <summary>Returns the tokens of a text; none if the model has no embedding of one of them.</summary>
    public ImmutableArray<int> Encode(string text)
    {
        var ids = tokenizer.Encode(text).Ids;
        return ids.All(id => id < vocabularySize) ? ids : [];
    }
}
