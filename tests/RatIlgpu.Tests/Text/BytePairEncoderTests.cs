using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class BytePairEncoderTests
{
    static readonly Dictionary<string, int> Ids =
        new() { ["a"] = 0, ["b"] = 1, ["c"] = 2, ["aa"] = 3, ["aaaa"] = 4, ["ab"] = 5, ["aba"] = 6 };

    [Theory]
    [InlineData("", new int[0])]
    [InlineData("a", new[] { 0 })]
    [InlineData("aaa", new[] { 3, 0 })]
    [InlineData("aaaaa", new[] { 4, 0 })]
    [InlineData("abab", new[] { 5, 5 })]
    [InlineData("aab", new[] { 3, 1 })]
    public void Merges_the_leftmost_pair_of_the_lowest_rank(string word, int[] expected) =>
        Assert.Equal(expected, Encode(word, "a a", "aa aa", "a b"));

    [Fact]
    public void Takes_up_a_lower_rank_that_a_merge_makes_possible() =>
        Assert.Equal([6, 1], Encode("abab", "ab a", "a b"));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void Forgets_the_word_before(int longestForPackage)
    {
        var encoder = new BytePairEncoder("merges.txt", Ids, ["a b"], longestForPackage);
        var tokens = new List<int>();

        encoder.Encode("abab", tokens);
        encoder.Encode("cb", tokens);

        Assert.Equal([5, 5, 2, 1], tokens);
    }

    // By the package, by our own merging, and with the border between them inside the word.
    static List<int> Encode(string word, params string[] merges)
    {
        var all = new[] { int.MaxValue, 0, word.Length - 1, word.Length }.Select(longestForPackage =>
        {
            var tokens = new List<int>();
            new BytePairEncoder("merges.txt", Ids, merges, longestForPackage).Encode(word, tokens);
            return tokens;
        }).ToArray();
        Assert.All(all, tokens => Assert.Equal(all[0], tokens));
        return all[0];
    }
}
