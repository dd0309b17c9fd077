using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests.Compare;

public sealed class AlignmentTests
{
    [Theory]
    [InlineData("abc", "abc", "0 1 2")]
    [InlineData("abc", "axbc", "0 2 3")]
    [InlineData("axbc", "abc", "0 -1 1 2")]
    [InlineData("", "abc", "")]
    [InlineData("abc", "", "-1 -1 -1")]
    public void Equal_tokens_are_paired_in_order(string a, string b, string expected) =>
        Assert.Equal(expected, Of(a, b));

    [Fact]
    public void A_replaced_token_is_paired_with_what_replaced_it() => Assert.Equal("0 1 2", Of("abc", "axc"));

    [Fact]
    public void Swapped_tokens_stay_opposite_each_other() => Assert.Equal("0 1 2 3 4", Of("wmajg", "wjamg"));

    [Fact]
    public void Runs_of_different_lengths_between_pairs_have_no_counterpart() =>
        Assert.Equal("0 -1 -1 4", Of("axyz", "auvwz"));

    [Fact]
    public void Both_directions_say_the_same()
    {
        var alignment = Alignment.Of(Tokens("axbc"), Tokens("abc"));
        Assert.Equal([0, 2, 3], alignment.AOfB);
    }

    [Fact]
    public void Ids_do_not_matter_and_bytes_do()
    {
        TokenText first = new(1, "a", []), other = new(2, "a", []);
        Assert.Equal([0], Alignment.Of([first], [other]).BOfA);
        TokenText part = new(1, "\ufffd", [0xE2]), rest = new(1, "\ufffd", [0x80]);
        Assert.Equal([1, 2], Alignment.Of([part, first], [rest, part, other]).BOfA);
    }

    [Fact]
    public void A_table_too_large_is_cut_where_tokens_occur_once()
    {
        int[] a = [1, 1, 7, 2, 2, 3], b = [9, 1, 7, 8, 2, 4];
        Assert.Equal([-1, 1, 2, -1, 4, -1], CommonSubsequence.Of(a, b, mostCells: 9));
    }

    [Fact]
    public void Without_such_tokens_a_long_difference_is_left_unpaired() =>
        Assert.Equal([0, -1, -1, 3], CommonSubsequence.Of([5, 1, 1, 6], [5, 2, 2, 6], mostCells: 0));

    [Fact]
    public void Long_prompts_are_aligned()
    {
        int[] a = [.. Enumerable.Range(0, 40_000).Select(i => i % 13 == 0 ? i : i % 7)];
        int[] b = [.. a.Skip(20), -1, -2];
        var bOfA = CommonSubsequence.Of(a, b);
        Assert.Equal(100, bOfA[120]);
        Assert.Equal(39_979, bOfA[^1]);
    }

    static string Of(string a, string b) => string.Join(' ', Alignment.Of(Tokens(a), Tokens(b)).BOfA);

    static ImmutableArray<TokenText> Tokens(string letters) =>
        [.. letters.Select(letter => new TokenText(letter, letter.ToString(), []))];
}
