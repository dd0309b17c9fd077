using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Tests.Options;

public sealed class SelectionTests
{
    [Theory]
    [InlineData("3", new[] { 3 })]
    [InlineData("-1", new[] { 6 })]
    [InlineData("0,2,-1", new[] { 0, 2, 6 })]
    [InlineData("5,0,5", new[] { 0, 5 })]
    [InlineData("2:5", new[] { 2, 3, 4 })]
    [InlineData("-3:", new[] { 4, 5, 6 })]
    [InlineData(":2", new[] { 0, 1 })]
    [InlineData("-3:-1", new[] { 4, 5 })]
    [InlineData("0,5:7", new[] { 0, 5, 6 })]
    [InlineData("2:-2", new[] { 2, 3, 4 })]
    [InlineData("all", new[] { 0, 1, 2, 3, 4, 5, 6 })]
    public void A_choice_names_numbers_ascending_each_once(string text, int[] expected)
    {
        Assert.Equal(expected, Selection.Parse(text).Resolve(7, "--layers", "a model of 7 layers"));
        Assert.Equal(Selection.Parse(text), Selection.Parse(Selection.Parse(text).ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("1,")]
    [InlineData("1,,2")]
    [InlineData(":")]
    [InlineData("1:2:3")]
    [InlineData("x")]
    [InlineData("1.5")]
    [InlineData("+1")]
    [InlineData("All")]
    [InlineData("99999999999")]
    public void What_is_no_choice_is_refused_with_the_forms_it_can_have(string text) => Assert.EndsWith(
        "expected numbers such as 3 or 0,2,-1, a range such as 2:5, or all.",
        Assert.Throws<FormatException>(() => Selection.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("5:5")]
    [InlineData("5:2")]
    [InlineData("-1:-3")]
    public void A_range_that_is_empty_whatever_the_axis_is_refused(string text) => Assert.Equal(
        $"has '{text}', which is empty: the end of a range is not in it.",
        Assert.Throws<FormatException>(() => Selection.Parse(text)).Message);

    [Theory]
    [InlineData("7", "--layers is 7, expected -7 to 6 for a model of 7 layers.")]
    [InlineData("-8", "--layers is -8, expected -7 to 6 for a model of 7 layers.")]
    [InlineData("0,9", "--layers is 9, expected -7 to 6 for a model of 7 layers.")]
    [InlineData("5:9", "--layers has 5:9, expected a range between -7 and 7, with something in it, "
        + "for a model of 7 layers.")]
    [InlineData("-9:", "--layers has -9:, expected a range between -7 and 7, with something in it, "
        + "for a model of 7 layers.")]
    [InlineData("5:-3", "--layers has 5:-3, expected a range between -7 and 7, with something in it, "
        + "for a model of 7 layers.")]
    public void What_an_axis_does_not_have_is_refused(string text, string message) => Assert.Equal(
        message,
        Assert.Throws<ArgumentException>(
            () => Selection.Parse(text).Resolve(7, "--layers", "a model of 7 layers")).Message);
}
