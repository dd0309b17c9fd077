namespace RatIlgpu.Analysis.Tests.Components;

public sealed class CoActivationTests
{
    [Theory]
    [InlineData(10, 4, 4, 4, 1, 1, 1, 1, 1.6)]
    [InlineData(10, 4, 6, 0, -1, 0, 0, 0, 2.4)]
    [InlineData(100, 50, 40, 20, 0, 2.0 / 7, 0.4, 0.5, 20)]
    [InlineData(8, 4, 2, 2, 0.5773502691896258, 0.5, 0.5, 1, 1)]
    [InlineData(10, 0, 4, 0, 0, 0, 0, 0, 0)]
    [InlineData(10, 10, 4, 4, 0, 0.4, 0.4, 1, 4)]
    [InlineData(0, 0, 0, 0, 0, 0, 0, 0, 0)]
    public void Counts_give_the_numbers_of_the_hand_worked_table(
        long tokens, long key, long value, long both, double phi, double jaccard, double valueGivenKey,
        double keyGivenValue, double expected)
    {
        var found = new CoActivation(tokens, key, value, both);
        Assert.Equal(phi, found.Phi, 1e-15);
        Assert.Equal(jaccard, found.Jaccard, 1e-15);
        Assert.Equal(valueGivenKey, found.ValueGivenKey, 1e-15);
        Assert.Equal(keyGivenValue, found.KeyGivenValue, 1e-15);
        Assert.Equal(expected, found.Expected, 1e-12);
    }

    [Fact]
    public void A_correlation_of_a_thousand_million_tokens_is_not_lost_in_rounding()
    {
        // n n_kv − n_k n_v = 10⁹ of products of 10¹⁷: in single precision it is lost.
        var found = new CoActivation(1_000_000_000, 300_000_000, 400_000_000, 120_000_001);
        var expected = 1e9 / Math.Sqrt(3e8 * 7e8 * 4e8 * 6e8);
        Assert.Equal(1, found.Phi / expected, 1e-14);
        var (n, k, v, both) = (1e9f, 3e8f, 4e8f, 120_000_001f);
        Assert.NotEqual(1, ((n * both) - (k * v)) / 1e9f, 0.1);
        Assert.Equal(1, new CoActivation(1_000_000_000, 7, 7, 7).Phi);
        Assert.Equal(-1, new CoActivation(1_000_000_000, 1, 999_999_999, 0).Phi);
    }
}
