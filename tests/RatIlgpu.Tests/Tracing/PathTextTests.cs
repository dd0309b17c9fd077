using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class PathTextTests
{
    [Fact]
    public void Reads_from_the_earliest_token_to_the_target() =>
        Assert.Equal("""When -> " Mary" -> " to" (score: -0.6809)""", Line(-0.68087, "When", " Mary", " to"));

    [Fact]
    public void Is_the_same_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE") { NumberFormat = { NegativeSign = "−" } };
            Assert.Equal("a -> b (score: -1.2346)", Line(-1.23456, "a", "b"));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("\n\t", @"\n\t")]
    [InlineData("\r\n", @"\r\n")]
    [InlineData(" \n", @""" \n""")]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("end ", "\"end \"")]
    [InlineData("\u001b[31m", @"\u001B[31m")]
    [InlineData("\u0085\u2028\u2029\u007f", @"\u0085\u2028\u2029\u007F")]
    [InlineData("\u202Eabc\u2066", @"\u202Eabc\u2066")]
    public void Shows_what_would_break_the_line(string token, string shown) =>
        Assert.Equal($"{shown} (score: 0.0000)", Line(0, token));

    [Fact]
    public void Shows_halves_of_surrogate_pairs() =>
        Assert.Equal(@"\uD83D -> \uDC00\uD83D (score: 0.0000)", Line(0, "\ud83d", "\udc00\ud83d"));

    [Theory]
    [InlineData("say\"so\"")]
    [InlineData(@"\n")]
    [InlineData("日本語")]
    [InlineData("👩\u200d🚀")]
    [InlineData("\ufffd")]
    [InlineData("->")]
    public void Leaves_all_else_as_it_is(string token) => Assert.Equal($"{token} (score: 0.0000)", Line(0, token));

    static string Line(double score, params string[] tokens)
    {
        var path = new BeamPath([.. Enumerable.Range(0, tokens.Length).Reverse()], [], score, score);
        return PathText.Format(path, [.. tokens.Select(text => new TokenText(0, text, []))]);
    }
}
