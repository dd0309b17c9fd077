using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Tracing;

namespace RatIlgpu.Properties;

public sealed class LengthNormalizationLaws
{
    static readonly Arbitrary<double> Exponents = Law.Cases(
        Gen.OneOf(
            Gen.Elements(0, 0.5, 1, -30, 30, 0.7, double.Epsilon, -0.0),
            Gen.Choose(int.MinValue, int.MaxValue).Select(number => 30.0 * number / int.MaxValue)),
        exponent => exponent == Math.Truncate(exponent) ? [] : [Math.Truncate(exponent), Math.Round(exponent, 2)]);

    [Fact]
    public void What_is_printed_reads_back() => Law.Holds(Exponents, exponent =>
        Assert.Equal(new(exponent), LengthNormalization.Parse(new LengthNormalization(exponent).ToString())));

    [Fact]
    public void A_score_of_any_length_is_finite() => Law.Holds(Exponents, exponent =>
        Assert.All([1, 2, 32768, int.MaxValue], edges =>
            Assert.True(double.IsFinite(new LengthNormalization(exponent).Apply(edges * Math.Log(1e-12), edges)))));

    [Fact]
    public void Paths_of_one_length_keep_their_order() => Law.Holds(Exponents, exponent =>
        Assert.All([1, 2, 32768], edges =>
        {
            var normalization = new LengthNormalization(exponent);
            Assert.True(normalization.Apply(-2, edges) < normalization.Apply(-1, edges));
        }));

    [Fact]
    public void A_path_without_steps_keeps_its_score() => Law.Holds(Exponents, exponent =>
        Assert.Equal(0, new LengthNormalization(exponent).Apply(0, 0)));
}
