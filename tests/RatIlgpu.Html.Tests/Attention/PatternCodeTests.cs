namespace RatIlgpu.Html.Tests.Attention;

public sealed class PatternCodeTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 65_535)]
    [InlineData(0.5f, 32_768)]
    [InlineData(0.25f, 16_384)]
    [InlineData(7.6e-6f, 0)]
    [InlineData(7.7e-6f, 1)]
    [InlineData(1.0000001f, 65_535)]
    public void A_probability_has_the_nearest_of_65536_codes(float probability, int code) =>
        Assert.Equal(code, PatternCode.Of(probability));

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 1, 1, 2)]
    [InlineData(3, 2, 4, 6)]
    [InlineData(16_384, 128, 16_513, 16_641)]
    [InlineData(65_535, 255, 65_535, 65_535)]
    public void A_root_stands_for_its_square_and_for_no_code_above_the_largest(
        int code, int root, int middle, int largest)
    {
        Assert.Equal(root, PatternCode.RootOf((ushort)code));
        Assert.Equal(middle, PatternCode.MiddleOf((byte)root));
        Assert.Equal(largest, PatternCode.LargestOf((byte)root));
    }

    [Fact]
    public void Roots_ascend_with_their_codes_and_only_zero_has_root_zero()
    {
        for (var code = 1; code <= PatternCode.One; code++)
        {
            Assert.True(PatternCode.RootOf((ushort)code) >= PatternCode.RootOf((ushort)(code - 1)));
            Assert.NotEqual(0, PatternCode.RootOf((ushort)code));
        }
    }

    [Fact]
    public void The_error_of_a_root_is_at_most_half_a_step_of_the_square_root()
    {
        for (var code = 0; code <= PatternCode.One; code++)
        {
            var root = Math.Sqrt(code / (double)PatternCode.One);
            var most = ((root / byte.MaxValue) + (0.25 / (byte.MaxValue * byte.MaxValue))) * PatternCode.One;
            Assert.InRange(
                Math.Abs(PatternCode.MiddleOf(PatternCode.RootOf((ushort)code)) - code), 0, most + 0.5);
        }
    }

    [Theory]
    [InlineData(65_535, 65_535, 65_535)]
    [InlineData(65_535, 1, 1)]
    [InlineData(32_768, 32_768, 16_384)]
    [InlineData(0, 65_535, 0)]
    public void A_weighted_code_is_the_product_rounded(int code, int factor, int product) =>
        Assert.Equal(product, PatternCode.Weighted((ushort)code, (ushort)factor));
}
