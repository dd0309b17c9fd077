using RatIlgpu.Files;

namespace RatIlgpu.Tests.Files;

public sealed class ByteTextTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(2, "2 bytes")]
    [InlineData(25_000_000, "25,000,000 bytes")]
    public void A_number_of_bytes_has_its_unit(long count, string text) => Assert.Equal(text, ByteText.Of(count));
}
