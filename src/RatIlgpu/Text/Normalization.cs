namespace RatIlgpu.Text;

/// <summary>What a tokenizer does to the text between added tokens, before it cuts words.</summary>
/// <param name="Composes">True to bring the text to form C.</param>
/// <param name="LeadsWithSpace">True to put <see cref="SpaceMark"/> before a text that is not empty.</param>
/// <param name="MarksSpaces">True to write <see cref="SpaceMark"/> for each space.</param>
sealed record Normalization(bool Composes, bool LeadsWithSpace = false, bool MarksSpaces = false)
{
    /// <summary>The character by which SentencePiece vocabularies spell a space, U+2581.</summary>
    public const char SpaceMark = '\u2581';

    /// <summary>Normalises a text.</summary>
    public NormalizedText Of(string text)
    {
        var composed = NormalizedText.Of(MarksSpaces ? text.Replace(' ', SpaceMark) : text, Composes);
        return LeadsWithSpace ? composed.After(SpaceMark) : composed;
    }

    /// <summary>Returns the spelling by which an added token is sought.</summary>
    public string Of(AddedToken token) => token.IsNormalized ? Of(token.Content).Text : token.Content;
}
