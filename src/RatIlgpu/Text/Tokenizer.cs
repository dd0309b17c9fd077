using System.Buffers;
using System.Text;
using RatIlgpu.Text;

namespace RatIlgpu;

/// <summary>Turns text into tokens and back.</summary>
/// <remarks>A deriving class says what each token stands for and cuts texts; all else follows. Any number of threads
/// may use it at once.</remarks>
public abstract class Tokenizer
{
    /// <summary>Gets one past the largest id; not every id below it need have a token.</summary>
    public abstract int Count { get; }

    /// <summary>Gets the token that ends a text; null when there is none.</summary>
    public abstract int? EosTokenId { get; }

    /// <summary>Loads the tokenizer of a checkpoint folder: <c>tokenizer.json</c>, or <c>vocab.json</c> and
    /// <c>merges.txt</c>; added tokens also from <c>tokenizer_config.json</c> or <c>added_tokens.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>One that works as Qwen2's: form C, special tokens cut out whole wherever they stand in that form,
    /// words, merged bytes. Its <see cref="EosTokenId"/> is <c>eos_token</c> of <c>tokenizer_config.json</c>, or else
    /// <c>&lt;|endoftext|&gt;</c>.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or describes a tokenizer that works
    /// differently.</exception>
    public static Tokenizer Load(string folder) => TokenizerFolder.Load(folder);

    /// <summary>Tells whether an id has a token.</summary>
    /// <param name="id">Any number.</param>
    public bool Has(int id) => !Bytes(id).IsEmpty;

    /// <summary>Returns what a token stands for; an id without a token stands for nothing.</summary>
    /// <param name="id">Any number.</param>
    public TokenText Token(int id) => TokenText.Of(id, Bytes(id));

    /// <summary>Returns the tokens of a text, special ones included wherever they stand in it; none is added.</summary>
    /// <param name="text">Any text; half a surrogate pair counts as U+FFFD.</param>
    /// <exception cref="PlatformNotSupportedException">The text may need Unicode normalisation, and this process runs
    /// without ICU.</exception>
    public abstract TokenizedText Encode(string text);

    /// <summary>Returns the text of tokens; an id without a token gives nothing, and bytes that are no UTF-8 give
    /// U+FFFD.</summary>
    /// <param name="ids">Any numbers.</param>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
            text.Write(Bytes(id));
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Returns the bytes that a token stands for, in UTF-8 but not always of whole characters; none for an id
    /// without a token.</summary>
    /// <param name="id">Any number.</param>
    protected abstract ReadOnlySpan<byte> Bytes(int id);
}
