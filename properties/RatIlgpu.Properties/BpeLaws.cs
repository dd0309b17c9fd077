using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Text;

namespace RatIlgpu.Properties;

public sealed class BpeLaws
{
    // Letters are tokens 0 to 3; a merge joins any two tokens before it, and its result is the next token.
    const int Letters = 4;

    static readonly Arbitrary<Case> Cases = Law.Cases(
        from word in Gen.Choose(0, Letters - 1).ListOf()
        from merges in Gen.Choose(0, int.MaxValue - 1).Two().ListOf()
        from order in Gen.Shuffle(Enumerable.Range(0, merges.Count()).ToArray())
        let pairs = merges.Select(Pair).Zip(order, (pair, place) => (pair.Left, pair.Right, place))
        select new Case([.. word], [.. pairs]),
        tried => [.. Without(tried.Word).Select(word => tried with { Word = word }),
            .. tried.Merges.Length > 0 ? [tried with { Merges = tried.Merges[..^1] }] : Array.Empty<Case>()]);

    [Fact]
    public void Merging_by_a_queue_is_merging_by_looking_everywhere() => Law.Holds(Cases, tried =>
    {
        var merges = tried.Table();
        Assert.Equal(Definition(tried.Word, merges), Encode(tried.Word, merges));
    }, 2000);

    [Fact]
    public void Tokens_spell_the_word() => Law.Holds(Cases, tried =>
        Assert.Equal(tried.Word, Encode(tried.Word, tried.Table()).SelectMany(tried.Spelling)));

    [Fact]
    public void No_two_neighbours_are_left_that_merge() => Law.Holds(Cases, tried =>
    {
        var (merges, tokens) = (tried.Table(), Encode(tried.Word, tried.Table()));
        Assert.All(tokens.Zip(tokens.Skip(1)), pair => Assert.Equal(-1, merges.Rank(pair.First, pair.Second)));
    });

    static List<int> Definition(int[] word, MergeTable merges)
    {
        var tokens = word.ToList();
        while (true)
        {
            var ranks = tokens.Zip(tokens.Skip(1), merges.Rank).ToList();
            if (ranks.All(rank => rank < 0))
                return tokens;
            var rank = ranks.Where(rank => rank >= 0).Min();
            var at = ranks.IndexOf(rank);
            tokens[at] = merges.Result(rank);
            tokens.RemoveAt(at + 1);
        }
    }

    static List<int> Encode(int[] word, MergeTable merges)
    {
        var ids = new List<int>();
        var bytes = Enumerable.Range(0, 256).Select(value => value < Letters ? value : -1).ToArray();
        new ByteLevelBpe(bytes, merges).Encode([.. word.Select(letter => (byte)letter)], ids);
        return ids;
    }

    static (int Left, int Right) Pair((int Left, int Right) any, int merge) =>
        (any.Left % (Letters + merge), any.Right % (Letters + merge));

    static IEnumerable<int[]> Without(int[] word) => word.Select((_, i) => word.Where((_, j) => j != i).ToArray());

    /// <param name="Word">Letters.</param>
    /// <param name="Merges">The parts of each token past the letters, and where the merge stands in the order.</param>
    sealed record Case(int[] Word, (int Left, int Right, int Place)[] Merges)
    {
        public MergeTable Table()
        {
            var table = new MergeTable();
            foreach (var (result, merge) in Merges.Index().OrderBy(entry => entry.Item.Place))
                table.Add(merge.Left, merge.Right, Letters + result);
            return table;
        }

        public IEnumerable<int> Spelling(int token) => token < Letters
            ? [token]
            : [.. Spelling(Merges[token - Letters].Left), .. Spelling(Merges[token - Letters].Right)];

        public override string ToString() => $"word [{string.Join(' ', Word)}] merges [{string.Join(' ', Merges)}]";
    }
}
