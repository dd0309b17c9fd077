using System.Buffers;

namespace RatIlgpu.Text;

/// <summary>Finds added tokens in texts.</summary>
/// <remarks>As the Rust library of Hugging Face does. Microsoft.ML.Tokenizers does not take the longest of tokens that
/// begin alike (<c>findings/bpe-special-tokens.sh</c>).</remarks>
sealed class AddedTokens
{
    readonly (string Spelling, AddedToken Token)[] longestFirst;
    readonly SearchValues<char> firsts;
    readonly bool splitsSpecial;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="tokens">The tokens, each with the spelling by which it is sought; no spelling is empty.</param>
    /// <param name="splitsSpecial">True if the text of a special token does not count as that token.</param>
    public AddedTokens(IEnumerable<(string Spelling, AddedToken Token)> tokens, bool splitsSpecial = false)
    {
        longestFirst = [.. tokens];
        Array.Sort(longestFirst, (one, other) => other.Spelling.Length - one.Spelling.Length);
        firsts = SearchValues.Create(Array.ConvertAll(longestFirst, token => token.Spelling[0]));
        this.splitsSpecial = splitsSpecial;
    }

    /// <summary>Returns the added tokens, with the white space that they take in, and the stretches between them, in
    /// the order of the text and without gaps.</summary>
    /// <remarks>Where several tokens start at one position, the longest counts. One that does not stand alone as its
    /// flags ask is text, and no other token is sought inside it.</remarks>
    public IEnumerable<(int Start, int End, int? Id)> Cut(string text)
    {
        var done = 0;
        for (var at = Candidate(text, 0); at < text.Length;)
        {
            if (Find(text, at) is not var (spelling, token))
            {
                at = Candidate(text, at + 1);
                continue;
            }

            var end = at + spelling.Length;
            if (Counts(token, text, at, end))
            {
                var start = Math.Max(token.TakesSpaceBefore ? text.AsSpan(0, at).TrimEnd().Length : at, done);
                if (start > done)
                    yield return (done, start, null);
                // White space that the token before took in may be the start of this one.
                done = Math.Max(token.TakesSpaceAfter ? text.Length - text.AsSpan(end).TrimStart().Length : end, start);
                yield return (start, done, token.Id);
            }

            at = Candidate(text, end);
        }

        if (done < text.Length)
            yield return (done, text.Length, null);
    }

    bool Counts(AddedToken token, string text, int start, int end)
    {
        if (splitsSpecial && token.IsSpecial)
            return false;
        if (!token.StandsAlone)
            return true;
        Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var before, out _);
        Rune.DecodeFromUtf16(text.AsSpan(end), out var after, out _);
        return (start == 0 || !Characters.IsWord(before)) && (end == text.Length || !Characters.IsWord(after));
    }

    int Candidate(string text, int from)
    {
        var ahead = text.AsSpan(from).IndexOfAny(firsts);
        return ahead < 0 ? text.Length : from + ahead;
    }

    (string Spelling, AddedToken Token)? Find(string text, int at)
    {
        foreach (var token in longestFirst)
            if (text.AsSpan(at).StartsWith(token.Spelling, StringComparison.Ordinal))
                return token;
        return null;
    }
}
