using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

public sealed class TokenGlyphsTests
{
    [Theory]
    [InlineData(" the", "·the")]
    [InlineData("    ", "····")]
    [InlineData("\n", "↵")]
    [InlineData("\r\n", "␍↵")]
    [InlineData("\t", "⇥")]
    [InlineData("", "∅")]
    [InlineData("\0", "⟨0000⟩")]
    [InlineData("\u200d", "⟨200D⟩")]
    [InlineData("\u202eabc", "⟨202E⟩abc")]
    [InlineData("\u00a0", "⟨00A0⟩")]
    [InlineData("\u3000", "⟨3000⟩")]
    [InlineData("👩‍🚀", "👩‍🚀")]
    [InlineData("e\u0301", "e\u0301")]
    [InlineData(" שלום", "·שלום")]
    [InlineData(" \u0301", "·\u0301")]
    [InlineData("\uffff\u0301", "⟨FFFF⟩\u0301")]
    [InlineData("\U000e0001", "⟨E0001⟩")]
    [InlineData("<b>", "<b>")]
    [InlineData("\uffff", "⟨FFFF⟩")]
    [InlineData("\uffff\u0301X", "⟨FFFF⟩\u0301X")]
    [InlineData("\ufdd0\u0301", "⟨FDD0⟩\u0301")]
    [InlineData("\U0001fffe\u0301", "⟨1FFFE⟩\u0301")]
    [InlineData("a\U000e0068\U000e0069", "a⟨E0068⟩⟨E0069⟩")]
    [InlineData("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f")]
    [InlineData("☺\ufe0f", "☺\ufe0f")]
    [InlineData("☺\ufe01\U000e0100\U000e0158", "☺\ufe01⟨E0100⟩⟨E0158⟩")]
    [InlineData("a\u200d\u200d\u200c", "a\u200d⟨200D⟩⟨200C⟩")]
    [InlineData("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥")]
    public void Shows_what_cannot_be_seen(string text, string shown) =>
        Assert.Equal(shown, TokenGlyphs.Show(new(1, text, []), 100));

    [Theory]
    [InlineData("Qwen/Qwen2 0.5B", "Qwen/Qwen2 0.5B")]
    [InlineData("a\u202eb\u001b[31m\n", "a⟨202E⟩b⟨001B⟩[31m↵")]
    [InlineData("", "")]
    [InlineData("0123456789abcdef", "0123456789abcde…")]
    public void A_name_keeps_its_spaces(string name, string shown) =>
        Assert.Equal(shown, TokenGlyphs.Line(name, 15));

    [Fact]
    public void Half_a_character_is_shown_as_a_replacement() =>
        Assert.Equal("a\ufffd", TokenGlyphs.Show(new(1, "a\ud83d", []), 100));

    [Fact]
    public void Shows_the_bytes_of_a_part_of_a_character() =>
        Assert.Equal("⟨20 E2 80⟩", TokenGlyphs.Show(new TokenText(1, " \ufffd", [0x20, 0xE2, 0x80]), 100));

    [Theory]
    [InlineData("abcd", "abcd")]
    [InlineData("abcde", "abcd…")]
    [InlineData("👩‍🚀👩‍🚀👩‍🚀👩‍🚀", "👩‍🚀👩‍🚀👩‍🚀👩‍🚀")]
    [InlineData("👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀", "👩‍🚀👩‍🚀👩‍🚀👩‍🚀…")]
    public void Counts_characters_as_a_reader_does(string text, string shown) =>
        Assert.Equal(shown, TokenGlyphs.Show(new(1, text, []), 4));

    [Fact]
    public void A_letter_under_a_thousand_accents_is_shown_with_some() => Assert.Equal(
        $"e{new string('\u0301', 31)}…f", TokenGlyphs.Show(new(1, $"e{new string('\u0301', 1000)}f", []), 4));
}
