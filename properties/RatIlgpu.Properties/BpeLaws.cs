using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

/// <summary>Holds merging, by Microsoft.ML.Tokenizers and by our own way for long words, to its definition.</summary>
public sealed class BpeLaws
{
    const string Letters = "abcd";
    const int LongestToken = 40;

    // A merge joins two of the tokens before it. No pair merges twice, but two pairs may merge to one token.
    static readonly Arbitrary<Case> Cases = Law.Cases(
        from word in Gen.Elements(Letters.ToCharArray()).ListOf()
        from pairs in Gen.Choose(0, int.MaxValue - 1).Two().ListOf()
        let merges = Merges(pairs)
        from order in Gen.Shuffle(merges)
        select new Case(string.Concat(word), order),
        tried => [.. Without(tried.Word).Select(word => tried with { Word = word }),
            .. tried.Merges.Length > 0 ? [tried with { Merges = tried.Merges[..^1] }] : Array.Empty<Case>()]);

    [Fact]
    public void The_package_merges_by_the_definition() => Law.Holds(Cases, tried =>
        Assert.Equal(tried.Plain.Encode(tried.Word), tried.Encode(longestForPackage: int.MaxValue)), 2000);

    [Fact]
    public void Our_way_merges_by_the_definition() => Law.Holds(Cases, tried =>
        Assert.Equal(tried.Plain.Encode(tried.Word), tried.Encode(longestForPackage: 0)), 2000);

    [Fact]
    public void Tokens_spell_the_word() => Law.Holds(Cases, tried =>
        Assert.Equal(tried.Word, string.Concat(tried.Spellings())));

    [Fact]
    public void No_two_neighbours_are_left_that_merge() => Law.Holds(Cases, tried =>
    {
        var tokens = tried.Spellings();
        Assert.All(tokens.Zip(tokens.Skip(1), tried.Plain.Rank), rank => Assert.Equal(int.MaxValue, rank));
    });

    static string[] Merges(IEnumerable<(int Left, int Right)> pairs)
    {
        var tokens = Letters.Select(letter => letter.ToString()).ToList();
        var merges = new HashSet<string>();
        foreach (var (left, right) in pairs)
        {
            var (first, second) = (tokens[left % tokens.Count], tokens[right % tokens.Count]);
            if (first.Length + second.Length > LongestToken || !merges.Add($"{first} {second}"))
                continue;
            if (!tokens.Contains(first + second))
                tokens.Add(first + second);
        }

        return [.. merges];
    }

    static IEnumerable<string> Without(string word) => word.Select((_, i) => word.Remove(i, 1));

    /// <param name="Word">Letters.</param>
    /// <param name="Merges">The merges in the order of their ranks.</param>
    sealed record Case(string Word, string[] Merges)
    {
        public PlainBpe Plain => new(Ids, Merges);

        // All tokens of one letter, then those that a merge, or what is left of it after shrinking, needs.
        Dictionary<string, int> Ids =>
            Letters.Select(letter => letter.ToString())
                .Concat(Merges.SelectMany(merge => merge.Split(' ').Append(merge.Replace(" ", ""))))
                .Distinct().Index().ToDictionary(token => token.Item, token => token.Index);

        public List<int> Encode(int longestForPackage)
        {
            var tokens = new List<int>();
            new BytePairEncoder("merges.txt", Ids, Merges, longestForPackage).Encode(Word, tokens);
            return tokens;
        }

        public List<string> Spellings()
        {
            var spellings = Ids.ToDictionary(token => token.Value, token => token.Key);
            return [.. Encode(longestForPackage: Word.Length / 2).Select(id => spellings[id])];
        }

        public override string ToString() => $"word {Word} merges [{string.Join(", ", Merges)}]";
    }
}
