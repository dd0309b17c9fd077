namespace RatIlgpu.Text;

/// <summary>A text and its tokens.</summary>
public sealed class TokenizedText
{
    /// <summary>Joins a text and its tokens.</summary>
    /// <param name="text">The text as it was given.</param>
    /// <param name="ids">The tokens' ids, in the order of the text.</param>
    /// <param name="ranges">The range of each token in the text, one for each id.</param>
    /// <exception cref="ArgumentException">The numbers of ids and ranges differ.</exception>
    public TokenizedText(string text, ImmutableArray<int> ids, ImmutableArray<TextRange> ranges)
    {
        if (ids.Length != ranges.Length)
            throw new ArgumentException(
                $"TokenizedText: there are {ranges.Length} ranges, expected one for each of {ids.Length} ids.");
        (Text, Ids, Ranges) = (text, ids, ranges);
    }

    /// <summary>Gets the text as it was given.</summary>
    public string Text { get; }

    /// <summary>Gets the tokens' ids, in the order of the text.</summary>
    public ImmutableArray<int> Ids { get; }

    /// <summary>Gets the range of each token in <see cref="Text"/>, one for each id.</summary>
    /// <remarks>A token's range is the shortest that holds every character of which the token has a byte: tokens that
    /// share a character share its range. Where normalisation changed the text, a character is the whole user-perceived
    /// character (grapheme cluster) that changed. Starts and ends never go back, and together the ranges cover the
    /// text.</remarks>
    public ImmutableArray<TextRange> Ranges { get; }
}

/// <summary>A part of a text.</summary>
/// <param name="Start">The first UTF-16 unit, from 0.</param>
/// <param name="Length">The number of UTF-16 units.</param>
public readonly record struct TextRange(int Start, int Length)
{
    /// <summary>Gets the UTF-16 unit after the last.</summary>
    public int End => Start + Length;
}

/// <summary>Collects the tokens of a text with their ranges before normalisation.</summary>
sealed class TokenList(Vocabulary vocabulary)
{
    readonly List<int> ids = [];
    readonly List<TextRange> ranges = [];

    /// <summary>Adds a token with its range in the text.</summary>
    public void Add(int id, TextRange range)
    {
        ids.Add(id);
        ranges.Add(range);
    }

    /// <summary>Adds tokens, in the order of the text, that together cover a stretch of a normalised part of the text
    /// from <paramref name="start"/> on.</summary>
    /// <param name="run">The tokens.</param>
    /// <param name="part">The part.</param>
    /// <param name="offset">Where the part begins in the text.</param>
    /// <param name="start">Where the stretch begins in the normalised part.</param>
    public void AddRun(List<int> run, NormalizedText part, int offset, int start)
    {
        // The number of bytes of the character at start that earlier tokens have.
        var taken = 0;
        foreach (var id in run)
        {
            var (end, next) = (start, start);
            taken += vocabulary[id].Length;
            while (taken > 0)
            {
                var rune = Rune.GetRuneAt(part.Text, end);
                end += rune.Utf16SequenceLength;
                if (taken < rune.Utf8SequenceLength)
                    break;
                taken -= rune.Utf8SequenceLength;
                next = end;
            }

            Add(id, part.Source(start, end, offset));
            start = next;
        }
    }

    /// <summary>Returns the text with its tokens.</summary>
    public TokenizedText ToText(string source) => new(source, [.. ids], [.. ranges]);
}
