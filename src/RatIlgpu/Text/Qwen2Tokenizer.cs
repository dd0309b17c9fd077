namespace RatIlgpu.Text;

/// <summary>Tokenises as Qwen2 does: brings a text to form C if it composes, cuts out the special tokens, cuts the rest
/// into words, and merges the bytes of each word. The vocabulary includes the special tokens.</summary>
sealed class Qwen2Tokenizer(
    Vocabulary vocabulary,
    BytePairEncoder encoder,
    IReadOnlyDictionary<string, int> specials,
    bool composes,
    int? eosTokenId) : Tokenizer
{
    readonly SpecialTokens specials = new(specials);

    /// <inheritdoc/>
    public override int Count => vocabulary.Count;

    /// <inheritdoc/>
    public override int? EosTokenId => eosTokenId;

    /// <inheritdoc/>
    public override TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = NormalizedText.Of(text, composes);
        var tokens = new TokenList(normalized, vocabulary);
        foreach (var (start, end, special) in specials.Cut(normalized.Text))
            if (special is { } id)
                tokens.Add(id, start, end);
            else
                tokens.AddRun(EncodeWords(normalized.Text.AsSpan(start..end)), start);
        return tokens.ToText(text);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => vocabulary[id];

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
