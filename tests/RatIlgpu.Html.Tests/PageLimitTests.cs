using System.Text.RegularExpressions;

namespace RatIlgpu.Html.Tests;

public sealed class PageLimitTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(995)]
    [InlineData(99_800)]
    [InlineData(1_234_567)]
    public void The_size_that_a_refusal_names_is_enough(int size)
    {
        var error = Assert.Throws<ArgumentException>(() => Collect(size, size - 1));
        Assert.Equal(nameof(PageOptions.MaxBytes), error.ParamName);
        var enough = Regex.Match(error.Message, @"Choose less, or allow it with MaxBytes (\d+)\. \(").Groups[1].Value;
        // The command that allows more is a part of the page.
        var most = int.Parse(enough, CultureInfo.InvariantCulture);
        Assert.Equal(2, Collect(size + 60, most).Length);
        Assert.InRange(most, size, (size * 1.2) + 300);
    }

    [Fact]
    public void The_size_is_that_of_all_blocks()
    {
        Assert.StartsWith(
            "The data of the page take 1,000 bytes for its parts, and may take 1 byte in all. Choose less, ",
            Assert.Throws<ArgumentException>(() => Collect(1_000, 1)).Message, StringComparison.Ordinal);
        Assert.Empty(PageLimit.Collect([], 1, ("nothing", "Choose less")));
    }

    [Fact]
    public void A_fixed_size_has_no_option_and_an_estimate_no_number()
    {
        Assert.EndsWith(" in all. Choose less.", Refusal(ToldSize.Fixed), StringComparison.Ordinal);
        Assert.Contains("take at least 9 bytes for ", Refusal(ToldSize.AtLeast), StringComparison.Ordinal);
        Assert.Contains(
            " in all. Choose less, or allow more with MaxBytes. (", Refusal(ToldSize.AtLeast),
            StringComparison.Ordinal);

        static string Refusal(ToldSize told) => PageLimit.TooLarge(9, 1, ("its parts", "Choose less"), told).Message;
    }

    static ImmutableArray<DataBlock> Collect(int size, int most) => PageLimit.Collect(
        [new("a", "", new('x', size / 2)), new("b", "", new('y', size - (size / 2)))], most,
        ("its parts", "Choose less"));
}
