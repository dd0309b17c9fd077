using RatIlgpu.Text;

namespace RatIlgpu.Cli;

/// <summary>Shows tokens in the lines and tables of a report; a vocabulary may have some of thousands of
/// characters.</summary>
static class TokenLabel
{
    // In characters, or bytes of a token that is no whole character.
    const int Longest = 40;

    /// <summary>Returns a token as <see cref="PathText.Token"/> writes it; of a long one the start, and an
    /// ellipsis.</summary>
    public static string Of(TokenText token) => PathText.Token(Shortened(token));

    /// <summary>Returns the name of a part, with the token that a head read.</summary>
    /// <param name="term">The part.</param>
    /// <param name="ids">The tokens of the prompt.</param>
    /// <param name="model">The model.</param>
    public static string Of(ResidualTerm term, ValueArray<int> ids, LanguageModel model) =>
        term is ResidualTerm.HeadSource { Source: var source }
            ? $"{term} {Of(model.Tokenizer.Token(ids[source]))}"
            : term.ToString();

    /// <summary>Returns a token with the start of its text, and an ellipsis, if it is long.</summary>
    public static TokenText Shortened(TokenText token)
    {
        if (token.Text.Length <= Longest && token.Bytes.Length <= Longest)
            return token;
        var end = int.Min(Longest, token.Text.Length);
        if (char.IsHighSurrogate(token.Text[end - 1]))
            end--;
        return token with { Text = token.Text[..end] + '…', Bytes = [] };
    }
}
