using System.Runtime.InteropServices;

namespace RatIlgpu.Text;

/// <summary>Turns the normalised text between added tokens into tokens.</summary>
abstract class StretchEncoder
{
    /// <summary>Adds the tokens of a stretch of text to a list.</summary>
    /// <param name="text">The stretch; every surrogate is half of a pair.</param>
    /// <param name="tokens">The list.</param>
    public abstract void Encode(ReadOnlySpan<char> text, List<int> tokens);
}

/// <summary>Cuts a text into words and merges the bytes of each.</summary>
sealed class WordEncoder(Pretokenizer pretokenizer, BytePairEncoder encoder) : StretchEncoder
{
    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        var spelled = new ReadOnlySpan<char>(ByteAlphabet.Spell(text));
        while (!text.IsEmpty)
        {
            var word = pretokenizer.FirstWord(text);
            var bytes = Encoding.UTF8.GetByteCount(text[..word]);
            encoder.Encode(spelled[..bytes], tokens);
            text = text[word..];
            spelled = spelled[bytes..];
        }
    }
}

/// <summary>Merges the characters of a text as SentencePiece's vocabularies of byte pairs do; a character that is no
/// token becomes the tokens of its bytes.</summary>
/// <param name="ids">The tokens' ids by their spellings.</param>
/// <param name="bytes">The token of each byte.</param>
/// <param name="merges">The merges.</param>
/// <param name="splitsAtSpaces">True if nothing merges across the start of a space, false if the whole text is one
/// word.</param>
/// <param name="ignoresMerges">True if a word that is a token is that token, whatever the merges make of it.</param>
/// <remarks>Kudo and Richardson, SentencePiece: A simple and language independent subword tokenizer, 2018.</remarks>
sealed class PieceEncoder(
    Dictionary<string, int> ids,
    ImmutableArray<int> bytes,
    MergeTable merges,
    bool splitsAtSpaces,
    bool ignoresMerges) : StretchEncoder
{
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup =
        ids.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        var marked = new char[text.Length];
        text.Replace(marked, ' ', Normalization.SpaceMark);
        for (ReadOnlySpan<char> rest = marked, word; !rest.IsEmpty; rest = rest[word.Length..])
        {
            var next = splitsAtSpaces ? rest[1..].IndexOf(Normalization.SpaceMark) : -1;
            word = next < 0 ? rest : rest[..(next + 1)];
            EncodeWord(word, tokens);
        }
    }

    void EncodeWord(ReadOnlySpan<char> word, List<int> tokens)
    {
        if (ignoresMerges && lookup.TryGetValue(word, out var whole))
        {
            tokens.Add(whole);
            return;
        }

        var symbols = new List<int>(word.Length);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var character in word.EnumerateRunes())
        {
            if (lookup.TryGetValue(word.Slice(0, character.Utf16SequenceLength), out var id))
                symbols.Add(id);
            else
                foreach (var value in utf8[..character.EncodeToUtf8(utf8)])
                    symbols.Add(bytes[value]);
            word = word[character.Utf16SequenceLength..];
        }

        merges.Encode(CollectionsMarshal.AsSpan(symbols), tokens);
    }
}
