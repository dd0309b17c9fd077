namespace RatIlgpu.Html.Tests.Sankey;

public sealed class LabelsTests
{
    [Fact]
    public void No_token_has_no_label() =>
        Assert.Empty(Labels.Of(SankeyLayout.Of(new([], []), ColumnMode.Hops), _ => "a"));

    [Theory]
    [InlineData("a", "label 9 right at 116, 62 wide 20.5: a")]
    [InlineData("internationalization", "label 9 above at 32.9, 31 wide 144.2: internationaliz…")]
    public void A_token_stands_beside_its_bar_or_above_it(string text, string label) =>
        Assert.Equal(label, Drawn(new(200, 120, [new(9, 100, 50, 40)], []), text));

    [Theory]
    [InlineData(160, "internationaliz…")]
    [InlineData(120, "internatio…")]
    [InlineData(80, "intern…")]
    [InlineData(54, "int…")]
    [InlineData(36, "i…")]
    [InlineData(28, "…")]
    public void A_label_is_as_long_as_it_has_room(double width, string text) => Assert.EndsWith(
        ": " + text,
        Drawn(new(width, 120, [new(9, (width - SankeyLayout.BarWidth) / 2, 50, 40)], []), "internationalization"),
        StringComparison.Ordinal);

    [Fact]
    public void A_label_without_room_is_left_out() =>
        Assert.Equal("", Drawn(new(20, 60, [new(9, 5, 25, 10)], []), "a"));

    [Theory]
    [InlineData("internationalization", 20, "internationalization")]
    [InlineData("internationalization", 16, "internationaliz…")]
    [InlineData("internationalization", 1, "…")]
    [InlineData("👩‍🚀e\u0301x", 2, "👩‍🚀…")]
    [InlineData("", 1, "")]
    public void A_text_is_cut_between_characters(string text, int length, string shown) =>
        Assert.Equal(shown, LabelText.Clip(text, length));

    [Theory]
    [InlineData("a", "e\u0301")]
    [InlineData("aa", "你")]
    [InlineData("aa", "한")]
    [InlineData("aa", "😀")]
    [InlineData("aa", "⟨")]
    [InlineData("aaaa", "👩‍🚀")]
    [InlineData("aaaa", "🇩🇪")]
    public void A_text_is_as_wide_as_so_many_letters(string letters, string text) =>
        Assert.Equal(LabelText.WidthOf(letters, 7), LabelText.WidthOf(text, 7));

    [Fact]
    public void Each_digit_of_the_position_makes_a_label_wider() =>
        Assert.True(LabelText.WidthOf("a", 8191) > LabelText.WidthOf("a", 819));

    static string Drawn(SankeyLayout layout, string text) => LayoutText.Of(Labels.Of(layout, _ => text));
}
