namespace RatIlgpu.Text;

/// <summary>Tokenises as Qwen2 does: cuts out the special tokens, brings what lies between them to form C if it
/// composes, cuts out the special tokens that are sought in form C, cuts the rest into words, and merges the bytes of
/// each word. The vocabulary includes the special tokens.</summary>
/// <param name="vocabulary">The bytes of each token.</param>
/// <param name="encoder">Merges the bytes of a word.</param>
/// <param name="raw">The special tokens that are sought in a text as it stands.</param>
/// <param name="composed">The special tokens that are sought after normalisation.</param>
/// <param name="composes">True to bring texts to form C.</param>
/// <param name="eosTokenId">The token that ends a text; null for none.</param>
sealed class Qwen2Tokenizer(
    Vocabulary vocabulary,
    BytePairEncoder encoder,
    SpecialTokens raw,
    SpecialTokens composed,
    bool composes,
    int? eosTokenId) : Tokenizer
{
    /// <inheritdoc/>
    public override int Count => vocabulary.Count;

    /// <inheritdoc/>
    public override int? EosTokenId => eosTokenId;

    /// <inheritdoc/>
    public override TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var source = NormalizedText.WellFormed(text);
        var tokens = new TokenList(vocabulary);
        foreach (var (start, end, special) in raw.Cut(source))
            if (special is { } id)
                tokens.Add(id, new TextRange(start, end - start));
            else
                EncodePart(source[start..end], start, tokens);
        return tokens.ToText(text);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => vocabulary[id];

    void EncodePart(string source, int offset, TokenList tokens)
    {
        var part = NormalizedText.Of(source, composes);
        foreach (var (start, end, special) in composed.Cut(part.Text))
            if (special is { } id)
                tokens.Add(id, part.Source(start, end, offset));
            else
                tokens.AddRun(EncodeWords(part.Text.AsSpan(start..end)), part, offset, start);
    }

    List<int> EncodeWords(ReadOnlySpan<char> text)
    {
        var ids = new List<int>();
        var spelled = new ReadOnlySpan<char>(ByteAlphabet.Spell(text));
        while (!text.IsEmpty)
        {
            var word = Pretokenizer.FirstWord(text);
            var bytes = Encoding.UTF8.GetByteCount(text[..word]);
            encoder.Encode(spelled[..bytes], ids);
            text = text[word..];
            spelled = spelled[bytes..];
        }

        return ids;
    }
}
