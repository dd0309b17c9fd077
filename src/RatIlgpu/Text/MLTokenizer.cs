using Package = Microsoft.ML.Tokenizers;

namespace RatIlgpu.Text;

/// <summary>Lets any tokenizer of Microsoft.ML.Tokenizers serve as a model's tokenizer.</summary>
/// <remarks><see cref="Tokenizer.Load"/> needs no wrapper. A wrapped tokenizer may add tokens without text or leave
/// text without tokens. As many threads may use it at once as may use the wrapped one.</remarks>
public sealed class MLTokenizer : Tokenizer
{
    readonly Package.Tokenizer tokenizer;
    readonly Func<string, string> normalize;
    readonly Vocabulary vocabulary = new();

    /// <summary>Wraps a byte-level tokenizer, whose vocabulary gives the tokens' bytes.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="eosTokenId">The token that ends a text; null for none.</param>
    /// <exception cref="ArgumentException">The tokenizer is not byte-level, or does not have the token.</exception>
    public MLTokenizer(Package.BpeTokenizer tokenizer, int? eosTokenId = null)
        : this(tokenizer, Tokens(tokenizer), eosTokenId)
    {
    }

    /// <summary>Wraps any tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="tokens">Its tokens with their texts or bytes.</param>
    /// <param name="eosTokenId">The token that ends a text; null for none.</param>
    /// <exception cref="ArgumentException">Two tokens have the same id, an id is out of range, or
    /// <paramref name="eosTokenId"/> is not among the tokens.</exception>
    public MLTokenizer(Package.Tokenizer tokenizer, IEnumerable<TokenText> tokens, int? eosTokenId = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(tokens);
        this.tokenizer = tokenizer;
        normalize = tokenizer.Normalizer is { } normalizer ? normalizer.Normalize : text => text;
        foreach (var token in tokens)
            Add(token);
        if (eosTokenId is { } id && !Has(id))
            throw new ArgumentException($"MLTokenizer: eosTokenId is {id}, expected one of the tokens.");
        EosTokenId = eosTokenId;
    }

    /// <inheritdoc/>
    public override int Count => vocabulary.Count;

    /// <inheritdoc/>
    public override int? EosTokenId { get; }

    /// <inheritdoc/>
    public override TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = NormalizedText.Of(text, normalize);
        var tokens = new TokenList(vocabulary);
        foreach (var token in tokenizer.EncodeToTokens(normalized.Text, out _, considerNormalization: false))
        {
            var end = EndOfCharacter(normalized.Text, token.Offset.End.Value);
            tokens.Add(token.Id, normalized.Source(token.Offset.Start.Value, end));
        }

        return tokens.ToText(text);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => vocabulary[id];

    // The package ends a token one unit after the start of its last character, which may be a surrogate pair
    // (findings/bpe-offsets.sh).
    static int EndOfCharacter(string text, int end) =>
        end > 0 && end < text.Length && char.IsSurrogatePair(text[end - 1], text[end]) ? end + 1 : end;

    static IEnumerable<TokenText> Tokens(Package.BpeTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (!tokenizer.ByteLevel)
            throw new ArgumentException(
                "MLTokenizer: the tokenizer has ByteLevel false, expected true; else say what its tokens stand for.");
        var tokens = tokenizer.Vocabulary.ToDictionary(
            token => token.Value,
            token => TokenText.Of(token.Value, ByteAlphabet.Read(token.Key) ?? Encoding.UTF8.GetBytes(token.Key)));
        foreach (var (text, id) in tokenizer.SpecialTokens ?? ImmutableDictionary<string, int>.Empty)
            tokens[id] = new TokenText(id, text, []);
        return tokens.Values;
    }

    void Add(TokenText token)
    {
        if (token.Id is < 0 or > Vocabulary.LargestId)
            throw new ArgumentException(
                $"MLTokenizer: token '{token.Text}' has id {token.Id}, "
                + $"expected an id from 0 to {Vocabulary.LargestId}.");
        if (!vocabulary.TryAdd(token.Id, token.IsPartial ? token.Bytes.AsSpan() : Encoding.UTF8.GetBytes(token.Text)))
            throw new ArgumentException($"MLTokenizer: two tokens have id {token.Id}, expected one.");
    }
}
