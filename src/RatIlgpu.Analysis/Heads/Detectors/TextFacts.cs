namespace RatIlgpu.Analysis;

/// <summary>A sequence of text, and what detectors know of its tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="FirstQuery">The first query that is scored.</param>
/// <param name="Delimiters">The class of each token among those of <see cref="DelimiterDetector"/>; −1 for
/// none.</param>
/// <param name="StartsWord">Whether each token begins a word.</param>
/// <param name="IsFrequent">Whether each token is one of the most frequent.</param>
sealed record TextFacts(
    ImmutableArray<int> Ids,
    int FirstQuery,
    ImmutableArray<int> Delimiters,
    ImmutableArray<bool> StartsWord,
    ImmutableArray<bool> IsFrequent)
{
    /// <summary>Returns the earlier positions of the token of each position, ascending.</summary>
    public static List<int>[] EarlierCopies(ImmutableArray<int> ids)
    {
        var seen = new Dictionary<int, List<int>>();
        var copies = new List<int>[ids.Length];
        for (var position = 0; position < ids.Length; position++)
        {
            if (!seen.TryGetValue(ids[position], out var places))
                seen.Add(ids[position], places = []);
            copies[position] = [.. places];
            places.Add(position);
        }

        return copies;
    }
}

/// <summary>A sequence of random tokens that is repeated.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="FirstQuery">The first query of the first copy that is scored.</param>
/// <param name="Start">The position of the first copy: 1 where a token was put before it, else 0.</param>
/// <param name="HalfLength">The tokens of a copy.</param>
sealed record RepeatFacts(ImmutableArray<int> Ids, int FirstQuery, int Start, int HalfLength);
