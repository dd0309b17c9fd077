using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class SpecialTokensTests
{
    readonly SpecialTokens specials = new(new Dictionary<string, int> { ["<a"] = 1, ["<ab>"] = 2, ["#"] = 3 });

    [Fact]
    public void Leaves_a_text_without_any_whole() => Assert.Equal([(0, 5, null)], specials.Cut("a < b"));

    [Fact]
    public void Finds_nothing_in_nothing() => Assert.Empty(specials.Cut(""));

    [Fact]
    public void Cuts_whole_and_keeps_what_lies_between() =>
        Assert.Equal([(0, 1, null), (1, 5, 2), (5, 6, null), (6, 7, 3)], specials.Cut("x<ab>y#"));

    [Fact]
    public void Takes_the_longest_at_a_position() => Assert.Equal([(0, 2, 1), (2, 6, 2)], specials.Cut("<a<ab>"));

    [Fact]
    public void Takes_a_shorter_one_where_the_longest_breaks_off() =>
        Assert.Equal([(0, 2, 1), (2, 3, null)], specials.Cut("<ab"));

    [Fact]
    public void Cuts_nothing_when_there_are_none() =>
        Assert.Equal([(0, 2, null)], new SpecialTokens(new Dictionary<string, int>()).Cut("<a"));
}
