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

    /// <summary>Loads the tokenizer of a checkpoint folder: <c>tokenizer.json</c>, or <c>vocab.json</c> and
    /// <c>merges.txt</c>; added tokens also from <c>tokenizer_config.json</c> or <c>added_tokens.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>A tokenizer that works as Qwen2's does: it cuts out the special tokens whole, brings what lies between
    /// them to the form C of Unicode 9, cuts that into words, and merges the bytes of each word. Its
    /// <see cref="EosTokenId"/> is <c>eos_token</c> of <c>tokenizer_config.json</c>, or else
    /// <c>&lt;|endoftext|&gt;</c>.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or describes a tokenizer that works
    /// differently.</exception>
    public static Tokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <summary>Returns true if an id has a token.</summary>
    /// <param name="id">Any number.</param>
    public bool Has(int id) => !Bytes(id).IsEmpty;

    /// <summary>Returns the text of a token; that of an id without a token is empty.</summary>
    /// <param name="id">Any number.</param>
    public TokenText Token(int id) => TokenText.Of(id, Bytes(id));

    /// <summary>Returns the tokens of a text. Special tokens in the text count as such; none are added.</summary>
    /// <param name="text">Any text; a surrogate without its other half counts as U+FFFD.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need Unicode normalisation, and this process runs
    /// without ICU.</exception>
    public abstract TokenizedText Encode(string text);

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
