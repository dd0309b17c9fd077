using System.Collections.Immutable;
using System.Text;

namespace RatIlgpu.Text;

/// <summary>Collects tokens, each with its place in the text before normalisation.</summary>
/// <param name="text">The text.</param>
/// <param name="vocabulary">The bytes of the tokens.</param>
sealed class TokenList(NormalizedText text, Vocabulary vocabulary)
{
    readonly ImmutableArray<int>.Builder ids = ImmutableArray.CreateBuilder<int>();
    readonly ImmutableArray<TextRange>.Builder ranges = ImmutableArray.CreateBuilder<TextRange>();

    /// <summary>Adds a token that is a part of the normalised text.</summary>
    public void Add(int id, int start, int end)
    {
        ids.Add(id);
        ranges.Add(text.Source(start, end));
    }

    /// <summary>Adds the tokens of a word, whose bytes follow each other without gaps.</summary>
    /// <param name="word">The tokens.</param>
    /// <param name="start">Where the word starts in the normalised text.</param>
    public void AddWord(List<int> word, int start)
    {
        // How many bytes of the character at start the tokens so far have.
        var taken = 0;
        foreach (var id in word)
        {
            var (end, next) = (start, start);
            taken += vocabulary[id].Length;
            while (taken > 0)
            {
                var rune = Rune.GetRuneAt(text.Text, end);
                end += rune.Utf16SequenceLength;
                if (taken < rune.Utf8SequenceLength)
                    break;
                taken -= rune.Utf8SequenceLength;
                next = end;
            }

            Add(id, start, end);
            start = next;
        }
    }

    /// <summary>Returns the tokens.</summary>
    /// <param name="source">The text before normalisation.</param>
    public TokenizedText ToText(string source) => new(source, ids.DrainToImmutable(), ranges.DrainToImmutable());
}
