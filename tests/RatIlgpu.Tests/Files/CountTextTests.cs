using RatIlgpu.Files;

namespace RatIlgpu.Tests.Files;

public sealed class CountTextTests
{
    [Theory]
    [InlineData(0, "0 samples")]
    [InlineData(1, "1 sample")]
    [InlineData(2, "2 samples")]
    [InlineData(1200, "1200 samples")]
    public void One_has_no_plural(long count, string expected) => Assert.Equal(expected, CountText.Of(count, "sample"));

    [Theory]
    [InlineData("", 9)]
    [InlineData("position 4", 9, 4)]
    [InlineData("positions 0, 4", 2, 0, 4)]
    [InlineData("positions 0, 4 and 1 more", 2, 0, 4, 7)]
    public void Positions_are_named_up_to_a_number(string expected, int most, params int[] positions) =>
        Assert.Equal(expected, CountText.Positions(positions, most));
}
