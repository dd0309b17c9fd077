using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class LengthNormalizationTests
{
    [Theory]
    [InlineData("none", -8)]
    [InlineData("avg_logprob", -2)]
    [InlineData("sqrt", -4)]
    [InlineData("pow:1.5", -1)]
    [InlineData("pow:-1", -32)]
    public void Divides_by_a_power_of_the_length(string form, double expected) =>
        Assert.Equal(expected, LengthNormalization.Parse(form).Apply(-8, 4));

    [Theory]
    [InlineData("none")]
    [InlineData("avg_logprob")]
    [InlineData("sqrt")]
    [InlineData("pow:2")]
    public void Leaves_a_path_without_steps_alone(string form) =>
        Assert.Equal(-3, LengthNormalization.Parse(form).Apply(-3, 0));

    [Theory]
    [InlineData("pow")]
    [InlineData("pow:")]
    [InlineData("pow:0,7")]
    [InlineData("pow:NaN")]
    [InlineData("pow:31")]
    [InlineData("mean")]
    [InlineData("")]
    public void Lists_the_four_forms(string text)
    {
        var error = Assert.Throws<FormatException>(() => LengthNormalization.Parse(text));
        Assert.Equal(
            $"length normalization: '{text}' is none of none, avg_logprob, sqrt or pow:NUMBER, such as pow:0.7, "
            + "with a number from -30 to 30.",
            error.Message);
    }

    [Fact]
    public void Reads_a_point_in_a_culture_of_commas()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Equal(new LengthNormalization(0.7), LengthNormalization.Parse("pow:0.7"));
            Assert.Equal("pow:0.7", new LengthNormalization(0.7).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Refuses_an_exponent_that_no_score_survives()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new LengthNormalization(-30.5));
        Assert.StartsWith(
            "length normalization: the exponent is -30.5, expected -30 to 30.",
            error.Message,
            StringComparison.Ordinal);
    }
}
