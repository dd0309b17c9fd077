using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class AddedTokensCutTests
{
    readonly AddedTokens added = new([Token("<a", 1), Token("<ab>", 2), Token("#", 3)]);

    [Fact]
    public void Leaves_a_text_without_any_whole() => Assert.Equal([(0, 5, null)], added.Cut("a < b"));

    [Fact]
    public void Finds_nothing_in_nothing() => Assert.Empty(added.Cut(""));

    [Fact]
    public void Cuts_whole_and_keeps_what_lies_between() =>
        Assert.Equal([(0, 1, null), (1, 5, 2), (5, 6, null), (6, 7, 3)], added.Cut("x<ab>y#"));

    [Fact]
    public void Takes_the_longest_at_a_position() => Assert.Equal([(0, 2, 1), (2, 6, 2)], added.Cut("<a<ab>"));

    [Fact]
    public void Takes_a_shorter_one_where_the_longest_breaks_off() =>
        Assert.Equal([(0, 2, 1), (2, 3, null)], added.Cut("<ab"));

    [Fact]
    public void Cuts_nothing_when_there_are_none() =>
        Assert.Equal([(0, 2, null)], new AddedTokens([]).Cut("<a"));

    [Fact]
    public void Takes_in_the_white_space_that_a_flag_names()
    {
        const string Text = "x \t\n<a\u3000 y";

        Assert.Equal([(0, 1, null), (1, 6, 1), (6, 9, null)], Cut(Text, Token("<a", 1, before: true)));
        Assert.Equal([(0, 4, null), (4, 8, 1), (8, 9, null)], Cut(Text, Token("<a", 1, after: true)));
        Assert.Equal([(0, 1, null), (1, 8, 1), (8, 9, null)], Cut(Text, Token("<a", 1, before: true, after: true)));
    }

    [Fact]
    public void White_space_between_two_tokens_belongs_to_the_first_that_takes_it_in()
    {
        var (left, right) = (Token("<", 1, after: true), Token(">", 2, before: true));

        Assert.Equal([(0, 3, 1), (3, 4, 2)], Cut("<  >", left, right));
    }

    [Fact]
    public void White_space_that_was_taken_in_may_start_the_next_token() =>
        Assert.Equal([(0, 3, 1), (2, 4, 2)], Cut("<  >", Token("<", 1, after: true), Token(" >", 2)));

    [Fact]
    public void The_text_goes_on_after_a_token_in_white_space_that_was_taken_in() => Assert.Equal(
        [(0, 4, 1), (1, 2, 2), (2, 5, null)], Cut("<\n  a", Token("<", 1, after: true), Token("\n", 2)));

    [Fact]
    public void A_token_that_takes_in_white_space_before_it_is_none_where_nothing_is_left() =>
        Assert.Equal([(0, 3, 1)], Cut("\n\r\n", Token("\n", 1, before: true, after: true)));

    [Fact]
    public void Finds_the_longest_of_many_that_begin_alike()
    {
        var nested = Enumerable.Range(1, 200).Select(i => Token(new string('<', i), i));
        var named = Enumerable.Range(0, 10_000).Select(i => Token(FormattableString.Invariant($"<x{i}>"), 1_000 + i));

        Assert.Equal(
            [(0, 200, 200), (200, 203, 3), (203, 204, null), (204, 211, 6_321), (211, 212, 1), (212, 216, null)],
            Cut(new string('<', 203) + " <x5321><x-1>", [.. nested, .. named]));
    }

    [Fact]
    public void Takes_the_first_of_two_with_one_spelling_and_a_special_one_before_others()
    {
        var special = ("#", Token("#", 3).Token with { IsSpecial = true });

        Assert.Equal([(0, 1, 1)], Cut("#", Token("#", 1), Token("#", 2)));
        Assert.Equal([(0, 1, 3)], Cut("#", Token("#", 1), special));
    }

    [Theory]
    [InlineData("m", true)]
    [InlineData(" m ", true)]
    [InlineData("-m.", true)]
    [InlineData("am", false)]
    [InlineData("ma", false)]
    [InlineData("1m", false)]
    [InlineData("m_", false)]
    [InlineData("m\u0301", false)]
    [InlineData("m\u200D", false)]
    [InlineData("\u24D0m", false)]
    [InlineData("m\u2160", false)]
    [InlineData("m\u00B2", true)]
    [InlineData("\U00020000m", false)]
    [InlineData("\U0001F600m", true)]
    public void A_token_may_have_to_stand_alone(string text, bool counts) =>
        Assert.Equal(counts, Cut(text, Token("m", 1, alone: true)).Any(part => part.Id == 1));

    [Fact]
    public void A_token_that_does_not_stand_alone_hides_the_tokens_inside_it() =>
        Assert.Equal([(0, 3, null)], Cut("abc", Token("ab", 1, alone: true), Token("b", 2)));

    [Fact]
    public void Special_tokens_may_be_text()
    {
        var (text, special) = (Token("#", 1), ("<a", Token("<a", 2).Token with { IsSpecial = true }));

        Assert.Equal(
            [(0, 2, null), (2, 3, 1)], new AddedTokens([text, special], splitsSpecial: true).Cut("<a#"));
    }

    static IEnumerable<(int Start, int End, int? Id)> Cut(
        string text, params (string Spelling, AddedToken Token)[] tokens) => new AddedTokens(tokens).Cut(text);

    static (string Spelling, AddedToken Token) Token(
        string content, int id, bool before = false, bool after = false, bool alone = false) =>
        (content, new AddedToken("tokenizer.json", content, id)
        {
            TakesSpaceBefore = before,
            TakesSpaceAfter = after,
            StandsAlone = alone,
        });
}
