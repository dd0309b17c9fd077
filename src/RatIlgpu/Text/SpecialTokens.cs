using System.Buffers;

namespace RatIlgpu.Text;

/// <summary>Cuts special tokens out of a text whole.</summary>
sealed class SpecialTokens
{
    readonly Dictionary<char, (string Content, int Id)[]> longestFirst;
    readonly SearchValues<char> firsts;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="ids">The id of each content; no content is empty.</param>
    public SpecialTokens(IReadOnlyDictionary<string, int> ids)
    {
        longestFirst = ids.Select(token => (Content: token.Key, Id: token.Value))
            .OrderByDescending(token => token.Content.Length)
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.ToArray());
        firsts = SearchValues.Create([.. longestFirst.Keys]);
    }

    /// <summary>Returns the special tokens and the stretches between them, in the order of the text and without gaps;
    /// at a position where several tokens start, the longest is taken.</summary>
    /// <param name="text">Any text.</param>
    public IEnumerable<(int Start, int End, int? Id)> Cut(string text)
    {
        var done = 0;
        for (var at = Candidate(text, 0); at < text.Length;)
        {
            if (Find(text, at) is not (var content, var id))
            {
                at = Candidate(text, at + 1);
                continue;
            }

            if (at > done)
                yield return (done, at, null);
            done = at + content.Length;
            yield return (at, done, id);
            at = Candidate(text, done);
        }

        if (done < text.Length)
            yield return (done, text.Length, null);
    }

    int Candidate(string text, int from)
    {
        var ahead = text.AsSpan(from).IndexOfAny(firsts);
        return ahead < 0 ? text.Length : from + ahead;
    }

    (string Content, int Id)? Find(string text, int at)
    {
        foreach (var token in longestFirst[text[at]])
            if (text.AsSpan(at).StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        return null;
    }
}
