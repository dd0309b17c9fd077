using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class ByteLevelBpeTests
{
    [Theory]
    [InlineData("", new int[0])]
    [InlineData("a", new[] { (int)'a' })]
    [InlineData("aaa", new[] { 300, 'a' })]
    [InlineData("aaaaa", new[] { 301, 'a' })]
    [InlineData("abab", new[] { 302, 302 })]
    [InlineData("aab", new[] { 300, 'b' })]
    public void Merges_the_leftmost_pair_of_the_lowest_rank(string word, int[] expected)
    {
        var merges = new MergeTable();
        merges.Add('a', 'a', 300);
        merges.Add(300, 300, 301);
        merges.Add('a', 'b', 302);

        Assert.Equal(expected, Encode(merges, word));
    }

    [Fact]
    public void Takes_up_a_lower_rank_that_a_merge_makes_possible()
    {
        var merges = new MergeTable();
        merges.Add(300, 'a', 301);
        merges.Add('a', 'b', 300);

        Assert.Equal([301, 'b'], Encode(merges, "abab"));
    }

    [Fact]
    public void Forgets_the_word_before()
    {
        var merges = new MergeTable();
        merges.Add('a', 'b', 300);
        var bpe = new ByteLevelBpe([.. Enumerable.Range(0, 256)], merges);
        var ids = new List<int>();

        bpe.Encode("abab"u8, ids);
        bpe.Encode("cb"u8, ids);

        Assert.Equal([300, 300, 'c', 'b'], ids);
    }

    [Fact]
    public void Tells_that_a_pair_is_not_new()
    {
        var merges = new MergeTable();

        Assert.True(merges.Add(1, 2, 3));
        Assert.False(merges.Add(1, 2, 4));
    }

    static List<int> Encode(MergeTable merges, string word)
    {
        var ids = new List<int>();
        new ByteLevelBpe([.. Enumerable.Range(0, 256)], merges).Encode([.. word.Select(letter => (byte)letter)], ids);
        return ids;
    }
}
