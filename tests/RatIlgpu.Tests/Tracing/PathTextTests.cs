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

    [Fact]
    public void Paths_that_read_alike_show_the_positions_in_which_they_differ()
    {
        string[] texts = ["When", " John", "a", " John", " to"];
        BeamPath[] paths = [Path(4, 3, 0), Path(4, 2, 0), Path(4, 1, 0)];
        Assert.Equal(
            [
                "When -> \" John\"@3 -> \" to\" (score: -0.5000)",
                "When -> a -> \" to\" (score: -0.5000)",
                "When -> \" John\"@1 -> \" to\" (score: -0.5000)",
            ],
            PathText.FormatAll([.. paths], [.. texts.Select(text => new TokenText(0, text, []))]));

        static BeamPath Path(params int[] positions) =>
            new([.. positions], [.. positions[1..].Select(_ => 0.5)], -1, -0.5);
    }

    [Fact]
    public void Paths_of_different_lengths_that_read_alike_show_every_position()
    {
        TokenText[] tokens = [new(0, "a", []), new(1, "->", []), new(2, "a\" -> \"b", []), new(3, "\"a\"", []),
            new(4, "\"b\"", [])];
        Assert.Equal(
            ["\"a\" -> \"b\"@2 (score: 0.0000)", "\"a\"@3 -> \"b\"@4 (score: 0.0000)"],
            PathText.FormatAll([new([2], [], 0, 0), new([4, 3], [1], 0, 0)], [.. tokens]));
    }

    [Theory]
    [InlineData(AttentionWeights.Standard, "a (score: -0.5000)")]
    [InlineData(AttentionWeights.Info, "a (score: -0.5000, info weights)")]
    [InlineData(AttentionWeights.Contribution, "a (score: -0.5000, contribution weights)")]
    public void Weights_are_told_where_they_are_not_the_standard_ones(AttentionWeights weights, string line)
    {
        BeamPath path = new([0], [], -0.5, -0.5);
        Assert.Equal(line, PathText.Format(path, [new(0, "a", [])], weights));
        Assert.Equal([line], PathText.FormatAll([path], [new(0, "a", [])], weights));
    }

    static string Line(double score, params string[] tokens)
    {
        var path = new BeamPath([.. Enumerable.Range(0, tokens.Length).Reverse()], [], score, score);
        return PathText.Format(path, [.. tokens.Select(text => new TokenText(0, text, []))]);
    }
}
