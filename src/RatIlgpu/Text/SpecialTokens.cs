using System.Buffers;

namespace RatIlgpu.Text;

/// <summary>Finds special tokens in texts.</summary>
/// <remarks>Microsoft.ML.Tokenizers does not take the longest of tokens that begin alike
/// (<c>findings/bpe-special-tokens.sh</c>).</remarks>
sealed class SpecialTokens
{
    readonly IReadOnlyDictionary<string, int> ids;
    readonly string[] longestFirst;
    readonly SearchValues<char> firsts;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="ids">The tokens' ids by their texts; no text is empty.</param>
    public SpecialTokens(IReadOnlyDictionary<string, int> ids)
    {
        this.ids = ids;
        longestFirst = [.. ids.Keys];
        Array.Sort(longestFirst, (one, other) => other.Length - one.Length);
        firsts = SearchValues.Create(Array.ConvertAll(longestFirst, content => content[0]));
    }

    /// <summary>Returns the special tokens and the stretches between them, in the order of the text and without gaps.
    /// Where several tokens start at one position, the longest counts.</summary>
    public IEnumerable<(int Start, int End, int? Id)> Cut(string text)
    {
        var done = 0;
        for (var at = Candidate(text, 0); at < text.Length;)
        {
            var content = Find(text, at);
            if (content is null)
            {
                at = Candidate(text, at + 1);
                continue;
            }

            if (at > done)
                yield return (done, at, null);
            done = at + content.Length;
            yield return (at, done, ids[content]);
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

    string? Find(string text, int at)
    {
        foreach (var content in longestFirst)
            if (text.AsSpan(at).StartsWith(content, StringComparison.Ordinal))
                return content;
        return null;
    }
}
