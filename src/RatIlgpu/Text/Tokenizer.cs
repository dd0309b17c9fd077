using System.Buffers;
using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu;

/// <summary>Turns text into tokens and back.</summary>
/// <remarks>A deriving class gives the bytes of each token and encodes texts. Any number of threads may use a tokenizer
/// at once.</remarks>
public abstract class Tokenizer
{
    // The parts of a long text that a message lists.
    const int MostListed = 8;

    /// <summary>Gets one past the largest id; some ids below it may not have a token.</summary>
    public abstract int Count { get; }

    /// <summary>Gets the token that ends a text; null for none.</summary>
    public abstract int? EosTokenId { get; }

    /// <summary>Gets the tokens that are put before every prompt, such as a BOS token. Default: none.</summary>
    public virtual ImmutableArray<int> PromptStart => [];

    /// <summary>Gets the tokens that are put after every prompt. Default: none.</summary>
    public virtual ImmutableArray<int> PromptEnd => [];

    /// <summary>Gets the first token of <see cref="PromptStart"/>; null for none.</summary>
    public int? BosTokenId => PromptStart is [var first, ..] ? first : null;

    /// <summary>Gets a value indicating whether texts have tokens; false where the folder of a model has no tokenizer,
    /// and tokens are known by their numbers alone. Default: true.</summary>
    public virtual bool EncodesTexts => true;

    /// <summary>Loads the tokenizer of a checkpoint folder: <c>tokenizer.json</c>, or <c>vocab.json</c> and
    /// <c>merges.txt</c>; added tokens also from <c>tokenizer_config.json</c> or <c>added_tokens.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>A tokenizer of byte pairs: that of Qwen2 or Qwen3, of Llama, or of Mistral. It cuts out the added
    /// tokens whole, normalises what lies between them (form C is that of Unicode 9), cuts that into words, and merges
    /// the bytes or characters of each word. Its <see cref="EosTokenId"/> is <c>eos_token</c> of
    /// <c>tokenizer_config.json</c>, or else <c>&lt;|endoftext|&gt;</c>.</returns>
    /// <remarks>Texts get the tokens that Hugging Face's tokenizers give them. A tokenizer that puts a space before a
    /// text, such as Llama 2's, has that space in the first token, and decoding brings the space back.</remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or describes a tokenizer that works
    /// differently.</exception>
    public static Tokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <summary>Returns true if an id has a token.</summary>
    /// <param name="id">Any number.</param>
    public bool Has(int id) => !Bytes(id).IsEmpty;

    /// <summary>Tells whether a token was added to the vocabulary, such as a special one: it is cut out of texts whole,
    /// wherever it stands. Default: none is.</summary>
    /// <param name="id">Any number.</param>
    public virtual bool IsAdded(int id) => false;

    /// <summary>Returns the text of a token; that of an id without a token is empty.</summary>
    /// <param name="id">Any number.</param>
    public TokenText Token(int id) => TokenText.Of(id, Bytes(id));

    /// <summary>Returns the tokens of a text. Special tokens in the text count as such; none are added.</summary>
    /// <param name="text">Any text; a surrogate without its other half counts as U+FFFD.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need Unicode normalisation, and this process runs
    /// without ICU.</exception>
    public abstract TokenizedText Encode(string text);

    /// <summary>Returns the tokens of a prompt: <see cref="PromptStart"/>, the tokens of the text, and
    /// <see cref="PromptEnd"/>.</summary>
    /// <param name="text">The prompt. If it begins with the text of a BOS token, that token is there twice, as in
    /// Hugging Face: such a text, like a chat that a template wrote, is for <see cref="Encode"/>.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need Unicode normalisation, and this process runs
    /// without ICU.</exception>
    public TokenizedText EncodePrompt(string text)
    {
        var encoded = Encode(text);
        if (PromptStart.IsEmpty && PromptEnd.IsEmpty)
            return encoded;
        return new(
            encoded.Text,
            [.. PromptStart, .. encoded.Ids, .. PromptEnd],
            [
                .. Enumerable.Repeat(new TextRange(0, 0), PromptStart.Length),
                .. encoded.Ranges,
                .. Enumerable.Repeat(new TextRange(text.Length, 0), PromptEnd.Length),
            ]);
    }

    /// <summary>Returns the id of a text that is one token.</summary>
    /// <param name="text">The text, such as <c>" Mary"</c>: inside a text, a word's token starts with a space.</param>
    /// <exception cref="ArgumentException">The text is no token, or several.</exception>
    public int TokenOf(string text)
    {
        if (TryTokenOf(text, out var id))
            return id;
        var ids = Encode(text).Ids;
        if (ids.IsEmpty)
            throw new ArgumentException(
                $"{OneLine.Quote(text)} has no token, expected text that is one token.", nameof(text));
        var parts = string.Join(", ", ids.Take(MostListed).Select(Describe)) + (ids.Length > MostListed ? ", …" : "");
        var hasSpace = text.StartsWith(' ');
        var other = hasSpace ? text[1..] : " " + text;
        var cure = TryTokenOf(other, out _)
            ? $"{(hasSpace ? "without" : "with")} a leading space, {OneLine.Quote(other)}, it is one"
            : "give the text of one of them";
        throw new ArgumentException(
            $"{OneLine.Quote(text)} is {ids.Length} tokens ({parts}), expected one; {cure}.", nameof(text));
    }

    /// <summary>Tells whether a text is one token, and which.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The token; −1 if the text is no token, or several.</param>
    public bool TryTokenOf(string text, out int id)
    {
        var ids = Encode(text).Ids;
        id = ids is [var only] ? only : -1;
        return id >= 0;
    }

    /// <summary>Returns the text of tokens. Ids without a token are skipped; invalid UTF-8 becomes U+FFFD.</summary>
    /// <param name="ids">Any numbers.</param>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
            text.Write(Bytes(id));
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Returns the UTF-8 bytes of a token, which may be part of a character; none for an id without a
    /// token.</summary>
    /// <param name="id">Any number.</param>
    protected abstract ReadOnlySpan<byte> Bytes(int id);

    string Describe(int id)
    {
        var token = Token(id);
        var text = token.IsPartial ? $"⟨{Convert.ToHexString(token.Bytes.AsSpan())}⟩" : OneLine.Quote(token.Text);
        return string.Create(CultureInfo.InvariantCulture, $"{text} #{id}");
    }
}
