using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class AttentionSizesTests
{
    /// <summary>Kernels cannot call <see cref="Visibility.FirstKey"/> and have a copy of its rule.</summary>
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public void The_first_visible_key_is_that_of_every_device(int window)
    {
        const int Keys = 9;
        for (var queries = 1; queries <= Keys; queries++)
        {
            var sizes = AttentionSizes.Of(new(queries, 1, 4), new(Keys, 1, 4), window);
            for (var query = 0; query < queries; query++)
                Assert.Equal(
                    new Visibility(window, null).FirstKey(Keys - queries + query), sizes.FirstKey(query));
        }
    }
}
