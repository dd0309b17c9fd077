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
}
