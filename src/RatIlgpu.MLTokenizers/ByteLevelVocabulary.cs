using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using RatIlgpu.Text;
using Package = Microsoft.ML.Tokenizers;

namespace RatIlgpu.MLTokenizers;

/// <summary>Reads what the tokens of a byte-level tokenizer stand for.</summary>
static class ByteLevelVocabulary
{
    /// <summary>Returns the tokens, in no order; special tokens stand for their texts, the others for the bytes they
    /// spell.</summary>
    /// <exception cref="ArgumentException">The tokenizer is not byte-level.</exception>
    public static IEnumerable<TokenText> Of(Package.BpeTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (!tokenizer.ByteLevel)
            throw new ArgumentException(
                "MLTokenizer: the tokenizer has ByteLevel false, expected true; else say what its tokens stand for.");
        var tokens = tokenizer.Vocabulary.ToDictionary(token => token.Value, token => Read(token.Value, token.Key));
        foreach (var (text, id) in tokenizer.SpecialTokens ?? ImmutableDictionary<string, int>.Empty)
            tokens[id] = new TokenText(id, text, []);
        return tokens.Values;
    }

    static TokenText Read(int id, string spelling)
    {
        var bytes = ByteAlphabet.Read(spelling) ?? Encoding.UTF8.GetBytes(spelling);
        return new TokenText(id, Encoding.UTF8.GetString(bytes), Utf8.IsValid(bytes) ? [] : [.. bytes]);
    }
}
