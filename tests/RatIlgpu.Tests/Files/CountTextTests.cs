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
}
