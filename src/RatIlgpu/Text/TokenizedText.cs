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

    /// <summary>Adds a token with its range in the text; what the ranges before it are past is no part of it.</summary>
    public void Add(int id, TextRange range)
    {
        ids.Add(id);
        if (ranges is [.., var last] && (range.Start < last.Start || range.End < last.End))
        {
            var start = Math.Max(range.Start, last.Start);
            range = new TextRange(start, Math.Max(range.End, last.End) - start);
        }

        ranges.Add(range);
    }

    /// <summary>Adds tokens, in the order of the text, that together cover a stretch of a normalised part of the
    /// text.</summary>
    /// <param name="run">The tokens.</param>
    /// <param name="stretch">The stretch, as the bytes of the tokens spell it.</param>
    /// <param name="part">The part; the stretch begins at <paramref name="start"/> in it.</param>
    /// <param name="start">Where the stretch begins in the normalised part.</param>
    /// <param name="offset">Where the part begins in the text.</param>
    /// <param name="lead">The bytes with which the tokens begin and which are not in the stretch.</param>
    public void AddRun(
        List<int> run, ReadOnlySpan<char> stretch, NormalizedText part, int start, int offset, int lead)
    {
        var at = 0;
        // The number of bytes of the character at the position that earlier tokens have.
        var taken = -lead;
        foreach (var (i, id) in run.Index())
        {
            var (end, next) = (at, at);
            taken += vocabulary[id].Length;
            while (taken > 0)
            {
                Rune.DecodeFromUtf16(stretch[end..], out var rune, out var length);
                end += length;
                if (taken < rune.Utf8SequenceLength)
                    break;
                taken -= rune.Utf8SequenceLength;
                next = end;
            }

            // A token of one byte may stand for the six characters of its spelling, where words that are tokens do not
            // merge.
            if (i == run.Count - 1)
                end = stretch.Length;
            var range = part.Source(start + at, start + Math.Max(end, at + 1), offset);
            Add(id, end == at ? range with { Length = 0 } : range);
            at = next;
        }
    }

    /// <summary>Returns the text with its tokens.</summary>
    public TokenizedText ToText(string source) => new(source, [.. ids], [.. ranges]);
}
