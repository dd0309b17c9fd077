using RatIlgpu.Files;

namespace RatIlgpu.Tests.Files;

public sealed class OneLineTests
{
    [Theory]
    [InlineData("a\nb\tc\rd", @"a\nb\tc\rd")]
    [InlineData("\u001B[2J \u202E", @"\u001B[2J \u202E")]
    [InlineData("\U000E0041\U0001D173", @"\U000E0041\U0001D173")]
    [InlineData("漢 \U0001F600 न\u200Dम", "漢 \U0001F600 न\u200Dम")]
    public void What_breaks_turns_or_hides_text_is_shown_as_its_code(string text, string shown) =>
        Assert.Equal(shown, OneLine.Escape(text));
}
