using System.Buffers;
using System.Text;

namespace RatIlgpu.Text;

/// <summary>Tokenises as Qwen2 does: form C, special tokens cut out whole, words, merged bytes.</summary>
/// <param name="tables">What it looks up.</param>
sealed class ByteLevelTokenizer(TokenizerTables tables) : Tokenizer
{
    readonly SpecialTokens specials = new(tables.Specials);

    /// <inheritdoc/>
    public override int Count => tables.Vocabulary.Count;

    /// <inheritdoc/>
    public override int? EosTokenId => tables.EosTokenId;

    /// <inheritdoc/>
    public override TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = NormalizedText.Of(text, tables.Composes);
        var tokens = new TokenList(normalized, tables.Vocabulary);
        var words = new ByteLevelBpe(tables.Bytes, tables.Merges);
        foreach (var (start, end, special) in specials.Cut(normalized.Text))
            if (special is { } id)
                tokens.Add(id, start, end);
            else
                AddWords(tokens, words, normalized.Text.AsSpan(0, end), start);
        return tokens.ToText(text);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => tables.Vocabulary[id];

    static void AddWords(TokenList tokens, ByteLevelBpe words, ReadOnlySpan<char> text, int start)
    {
        var utf8 = new ArrayBufferWriter<byte>();
        var ids = new List<int>();
        int length;
        for (var at = start; at < text.Length; at += length)
        {
            length = Pretokenizer.FirstWord(text[at..]);
            utf8.ResetWrittenCount();
            Encoding.UTF8.GetBytes(text.Slice(at, length), utf8);
            ids.Clear();
            words.Encode(utf8.WrittenSpan, ids);
            tokens.AddWord(ids, at);
        }
    }
}
