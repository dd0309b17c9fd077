using System.Text;

namespace RatIlgpu.Text;

/// <summary>Collects tokens, each with its place in the text before normalisation.</summary>
/// <param name="text">The text.</param>
/// <param name="vocabulary">The bytes of the tokens.</param>
sealed class TokenList(NormalizedText text, Vocabulary vocabulary)
{
    readonly List<int> ids = [];
    readonly List<TextRange> ranges = [];

    /// <summary>Adds a token that is a part of the normalised text.</summary>
    public void Add(int id, int start, int end)
    {
        ids.Add(id);
        ranges.Add(text.Source(start, end));
    }

    /// <summary>Adds tokens whose bytes follow each other without gaps.</summary>
    /// <param name="run">The tokens.</param>
    /// <param name="start">The start of the first in the normalised text.</param>
    public void AddRun(List<int> run, int start)
    {
        // The number of bytes that the tokens so far have of the character at start.
        var taken = 0;
        foreach (var id in run)
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
    public TokenizedText ToText(string source) => new(source, [.. ids], [.. ranges]);
}
