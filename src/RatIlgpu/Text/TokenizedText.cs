using System.Collections.Immutable;

namespace RatIlgpu.Text;

/// <summary>A text and the tokens it is made of.</summary>
public sealed class TokenizedText
{
    /// <summary>Joins a text and its tokens.</summary>
    /// <param name="text">The text as it was given.</param>
    /// <param name="ids">The tokens' ids, in the order of the text.</param>
    /// <param name="ranges">Where each token lies in the text, one range per id.</param>
    /// <exception cref="ArgumentException">There are more ids than ranges, or fewer.</exception>
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

    /// <summary>Gets where each token lies in <see cref="Text"/>, one range per id.</summary>
    /// <remarks>A token's range is the shortest that holds every character of which the token has a byte: tokens that
    /// share a character share its range. Where normalisation changed the text, a character is the whole user-perceived
    /// character (grapheme cluster) that changed. Starts and ends never go back, and together the ranges cover the
    /// text.</remarks>
    public ImmutableArray<TextRange> Ranges { get; }
}
