using System.Buffers;

namespace RatIlgpu.Text;

/// <summary>Finds added tokens in texts.</summary>
/// <remarks>As the Rust library of Hugging Face does. Microsoft.ML.Tokenizers does not take the longest of tokens that
/// begin alike (<c>findings/bpe-special-tokens.sh</c>).</remarks>
sealed class AddedTokens
{
    // In ordinal order, each spelling once; and for each the longest other one that it starts with, or -1. So the
    // tokens that a text may start with are the last one not after it in that order, and those which that starts with.
    readonly string[] spellings;
    readonly AddedToken[] sorted;
    readonly int[] prefixes;
    readonly SearchValues<char> firsts;
    readonly HashSet<int> ids;
    readonly bool splitsSpecial;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="tokens">The tokens, each with the spelling by which it is sought; no spelling is empty.</param>
    /// <param name="splitsSpecial">True if the text of a special token does not count as that token.</param>
    public AddedTokens(IEnumerable<(string Spelling, AddedToken Token)> tokens, bool splitsSpecial = false)
    {
        // Of two tokens that normalisation makes one, the Rust library takes the first, the special ones first.
        var (found, others) = (new Dictionary<string, AddedToken>(), new Dictionary<string, AddedToken>());
        ids = [];
        foreach (var (spelling, token) in tokens)
        {
            ids.Add(token.Id);
            (token.IsSpecial ? found : others).TryAdd(spelling, token);
        }

        foreach (var (spelling, token) in others)
            found.TryAdd(spelling, token);
        spellings = [.. found.Keys.Order(StringComparer.Ordinal)];
        sorted = [.. spellings.Select(spelling => found[spelling])];
        prefixes = new int[spellings.Length];
        for (var i = 0; i < prefixes.Length; i++)
            prefixes[i] = LongestStart(spellings[i], i - 1);
        firsts = SearchValues.Create([.. spellings.Select(spelling => spelling[0])]);
        this.splitsSpecial = splitsSpecial;
    }

    /// <summary>Tells whether a token is one of them.</summary>
    public bool Has(int id) => ids.Contains(id);

    /// <summary>Returns the added tokens, with the white space that they take in, and the stretches between them, in
    /// the order of the text and without gaps.</summary>
    /// <remarks>Where several tokens start at one position, the longest counts. One that does not stand alone as its
    /// flags ask is text, and no other token is sought inside it. A token in white space that the one before took in
    /// counts all the same, and the text goes on after it, as in the Rust library; unless it takes in white space
    /// before itself, of which nothing is left.</remarks>
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
                var start = token.TakesSpaceBefore ? Math.Max(text.AsSpan(0, at).TrimEnd().Length, done) : at;
                if (start > done)
                    yield return (done, start, null);
                var stop = token.TakesSpaceAfter ? text.Length - text.AsSpan(end).TrimStart().Length : end;
                if (stop > start)
                {
                    yield return (start, stop, token.Id);
                    done = stop;
                }
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
        var rest = text.AsSpan(at);
        var (first, last) = (0, spellings.Length);
        while (first < last)
        {
            var middle = (first + last) / 2;
            if (spellings[middle].AsSpan().SequenceCompareTo(rest) <= 0)
                first = middle + 1;
            else
                last = middle;
        }

        return LongestStart(rest, first - 1) is >= 0 and var found ? (spellings[found], sorted[found]) : null;
    }

    // Returns the longest spelling that a text starts with, or -1. The text is not before the given spelling in the
    // order, and before the next.
    int LongestStart(ReadOnlySpan<char> text, int spelling)
    {
        var common = spelling < 0 ? 0 : text.CommonPrefixLength(spellings[spelling]);
        while (spelling >= 0 && spellings[spelling].Length > common)
            spelling = prefixes[spelling];
        return spelling;
    }
}
