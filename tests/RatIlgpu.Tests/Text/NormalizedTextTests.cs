using System.Text;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class NormalizedTextTests
{
    [Fact]
    public void Brings_text_to_form_c() => Assert.Equal("é", NormalizedText.Of("e\u0301", compose: true).Text);

    [Fact]
    public void Leaves_text_alone_when_not_asked_to_compose() =>
        Assert.Equal("e\u0301", NormalizedText.Of("e\u0301", compose: false).Text);

    [Fact]
    public void Takes_half_a_pair_for_the_replacement_character() =>
        Assert.Equal("\uFFFDa\uFFFD😀\uFFFD", NormalizedText.Of("\uD800a\uDC00😀\uD83D", compose: true).Text);

    [Fact]
    public void Composes_around_what_is_no_character() =>
        Assert.Equal(
            "é\uFFFE\u0323\u0301å\uFFFF",
            NormalizedText.Of("e\u0301\uFFFE\u0301\u0323a\u030A\uFFFF", compose: true).Text);

    // What Hugging Face's tokenizers in Rust make of these texts (Tokenizers.DotNet 1.4.1). The form C of newer
    // versions of Unicode differs but in the last two.
    [Theory]
    [InlineData("0061 1DF9 0301 0316", "0061 1DF9 0316 0301")]
    [InlineData("0061 07FD 0301", "0061 07FD 0301")]
    [InlineData("11935 11930", "11935 11930")]
    [InlineData("006F 089B 0302 0301 089B 0316", "006F 089B 0302 0301 089B 0316")]
    [InlineData("0301 089F 0323 089F 0316", "0301 089F 0323 089F 0316")]
    [InlineData("0041 08CD 030A 08CD 0316", "0041 08CD 030A 08CD 0316")]
    [InlineData("304B 0C3C 3099 0C3C 0316", "304B 0C3C 3099 0C3C 0316")]
    [InlineData("003C 1715 0338 1715 0316", "003C 1715 0338 1715 0316")]
    [InlineData("1100 1AC2 1161 1AC2 0316", "1100 1AC2 1161 1AC2 0316")]
    [InlineData("0915 1ACA 093C 1ACA 0316", "0915 1ACA 093C 1ACA 0316")]
    [InlineData("0301 10D26 0323 10D26 0316", "0301 10D26 0323 10D26 0316")]
    [InlineData("0041 10EFD 030A 10EFD 0316", "0041 10EFD 030A 10EFD 0316")]
    [InlineData("0065 11070 0323 0301 11070 0316", "0065 11070 0323 0301 11070 0316")]
    [InlineData("0061 1E132 0301 1E132 0316", "0061 1E132 0301 1E132 0316")]
    [InlineData("0301 1E2EE 0323 1E2EE 0316", "0301 1E2EE 0323 1E2EE 0316")]
    [InlineData("0065 0301", "00E9")]
    [InlineData("0061 1AB5 0301", "00E1 1AB5")]
    public void Composes_by_Unicode_9(string text, string expected) =>
        Assert.Equal(expected, Points(NormalizedText.FormC(OfPoints(text))));

    [Fact]
    public void A_code_point_without_a_character_is_inert_and_one_with_a_mark_is_not()
    {
        var newer = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value))
            .Where(rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherNotAssigned)
            .Where(rune => (rune.Value & 0xFFFE) != 0xFFFE);

        Assert.All(newer, rune => Assert.True(UnicodeNine.IsInert(rune), $"{rune.Value:X4}"));
        foreach (var active in new[] { 'a', 'é', '\u0301', '\u0323', '\u093C', '\u1161', '\uAC00', '\u3099', '\uF900' })
            Assert.False(UnicodeNine.IsInert(new Rune(active)), $"{(int)active:X4}");
    }

    // e ́ b å → é b å
    [Theory]
    [InlineData(0, 1, 0, 2)]
    [InlineData(1, 2, 2, 1)]
    [InlineData(2, 3, 3, 2)]
    [InlineData(3, 5, 5, 2)]
    [InlineData(0, 5, 0, 7)]
    public void Knows_where_a_part_was(int start, int end, int from, int length) =>
        Assert.Equal(
            new TextRange(from, length), NormalizedText.Of("e\u0301ba\u030Acd", compose: true).Source(start, end));

    [Fact]
    public void Keeps_apart_what_a_character_becomes_when_it_grows()
    {
        // U+0958 is one of the few characters that form C takes apart.
        var text = NormalizedText.Of("a\u0958b", compose: true);

        Assert.Equal("a\u0915\u093Cb", text.Text);
        Assert.Equal(new TextRange(1, 1), text.Source(1, 2));
        Assert.Equal(new TextRange(1, 1), text.Source(2, 3));
        Assert.Equal(new TextRange(2, 1), text.Source(3, 4));
    }

    [Fact]
    public void Says_how_a_process_comes_to_normalise()
    {
        var refused = Assert.Throws<PlatformNotSupportedException>(
            () => NormalizedText.Of("ae\u0301", compose: true, canNormalize: false));

        Assert.Equal(
            "Tokenizer: the text has U+0301 at 2, and this process cannot normalise Unicode: "
            + "install ICU (libicu) and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.", refused.Message);
    }

    [Theory]
    [InlineData("plain", true)]
    [InlineData("déjà", true)]
    [InlineData("e\u0301", false)]
    public void Needs_no_ICU_for_text_that_is_stable_or_not_to_compose(string text, bool compose) =>
        Assert.Equal(text, NormalizedText.Of(text, compose, canNormalize: false).Text);

    static string OfPoints(string points) => string.Concat(points.Split(' ')
        .Select(point => new Rune(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));

    static string Points(string text) => string.Join(
        ' ', text.EnumerateRunes().Select(rune => rune.Value.ToString("X4", CultureInfo.InvariantCulture)));
}
