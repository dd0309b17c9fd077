using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace RatIlgpu.Text;

/// <summary>Turns text into tokens and back, as Qwen2 does: form C, special tokens cut out whole, words, merged
/// bytes.</summary>
/// <remarks>Special tokens are looked for in the text in form C. Any number of threads may use it at once.</remarks>
public sealed class Tokenizer
{
    readonly Vocabulary vocabulary;
    readonly SpecialTokens specials;
    readonly MergeTable merges;
    readonly int[] bytes;
    readonly bool composes;

    Tokenizer(TokenizerParts parts, JsonPart endToken)
    {
        (merges, composes) = (parts.Merges, parts.Composes);
        bytes = parts.Vocabulary.Bytes();
        var added = new Dictionary<string, int>();
        foreach (var token in parts.Added)
        {
            parts.Vocabulary.AddSpecial(token);
            if (composes && NormalizedText.FormC(token.Content) != token.Content)
                throw new InvalidDataException(
                    $"{token.File}: the added token {JsonPart.Quote(token.Content)} is not in form C, as texts are.");
            added[token.Content] = token.Id;
        }

        vocabulary = parts.Vocabulary.Build();
        specials = new SpecialTokens(added);
        var end = endToken.IsMissing ? TokenizerFolder.EndOfText : endToken.Text();
        EosTokenId = added.TryGetValue(end, out var id) ? id : null;
        endToken.Need(endToken.IsMissing || EosTokenId.HasValue, "one of the added tokens");
    }

    /// <summary>Gets one past the largest id; not every id below it need have a token.</summary>
    public int Count => vocabulary.Count;

    /// <summary>Gets the token that ends a text: <c>eos_token</c> of <c>tokenizer_config.json</c>, or else
    /// <c>&lt;|endoftext|&gt;</c>; null when there is none.</summary>
    public int? EosTokenId { get; }

    /// <summary>Loads the tokenizer of a checkpoint folder: <c>tokenizer.json</c>, or <c>vocab.json</c> and
    /// <c>merges.txt</c>; added tokens also from <c>tokenizer_config.json</c> or <c>added_tokens.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or describes a tokenizer that works
    /// differently.</exception>
    public static Tokenizer Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder, expected one with a tokenizer.");
        var config = TokenizerConfig.Read(folder);
        return new Tokenizer(TokenizerFolder.Read(folder, config), config.EndToken);
    }

    /// <summary>Tells whether an id has a token.</summary>
    /// <param name="id">Any number.</param>
    public bool Has(int id) => !vocabulary[id].IsEmpty;

    /// <summary>Returns what a token stands for; an id without a token stands for nothing.</summary>
    /// <param name="id">Any number.</param>
    public TokenText Token(int id)
    {
        var token = vocabulary[id];
        return new TokenText(id, Encoding.UTF8.GetString(token), Utf8.IsValid(token) ? [] : [.. token]);
    }

    /// <summary>Returns the tokens of a text, special ones included wherever they stand in it; none is added.</summary>
    /// <param name="text">Any text; half a surrogate pair counts as U+FFFD.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need Unicode normalisation, and this process runs
    /// without ICU.</exception>
    public TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = NormalizedText.Of(text, composes);
        var tokens = new TokenList(normalized, vocabulary);
        var words = new ByteLevelBpe(bytes, merges);
        foreach (var (start, end, special) in specials.Cut(normalized.Text))
            if (special is { } id)
                tokens.Add(id, start, end);
            else
                AddWords(tokens, words, normalized.Text.AsSpan(0, end), start);
        return tokens.ToText(text);
    }

    /// <summary>Returns the text of tokens; an id without a token gives nothing, and bytes that are no UTF-8 give
    /// U+FFFD.</summary>
    /// <param name="ids">Any numbers.</param>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
            text.Write(vocabulary[id]);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

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
