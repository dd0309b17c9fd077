using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Tests.Options;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("trace", "trace", 0)]
    [InlineData("trac", "trace", 1)]
    [InlineData("tarce", "trace", 1)]
    [InlineData("lens", "bench", 3)]
    [InlineData("", "abc", 3)]
    public void The_distance_counts_letters_to_change(string from, string to, int expected)
    {
        Assert.Equal(expected, Suggestion.Distance(from, to));
        Assert.Equal(expected, Suggestion.Distance(to, from));
    }

    [Fact]
    public void Only_a_close_word_is_suggested()
    {
        string[] words = ["trace", "compare", "lens"];
        Assert.Equal("; did you mean trace?", Suggestion.For("tracee", words));
        Assert.Equal("", Suggestion.For("quantum", words));
        Assert.Equal("", Suggestion.For(new string('x', 100_000), words));
    }
}
