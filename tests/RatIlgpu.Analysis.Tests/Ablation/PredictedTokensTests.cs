namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class PredictedTokensTests
{
    static readonly float[] Logits = [1, 7, 3, 9, 3, 9];

    [Theory]
    [InlineData(3)]
    [InlineData(5, 3)]
    [InlineData(1, 3, 5)]
    [InlineData(2, 3, 5, 1)]
    [InlineData(4, 3, 5, 1, 2)]
    [InlineData(0, 3, 5, 1, 2, 4)]
    public void The_likeliest_is_the_first_largest_that_is_not_masked(int expected, params int[] masked)
    {
        var tokens = PredictedTokens.Without(6, masked);
        Assert.Equal(expected, tokens.LikeliestOf(Logits));
        Assert.All(Enumerable.Range(0, 6), id => Assert.Equal(!masked.Contains(id), tokens.Has(id)));
    }

    // Numbers of either zero are equal.
    [Theory]
    [InlineData(1)]
    [InlineData(1, 0)]
    [InlineData(2, 0, 1)]
    public void A_negative_zero_is_as_likely_as_a_positive_one(int expected, params int[] masked) =>
        Assert.Equal(expected, PredictedTokens.Without(4, masked).LikeliestOf([-1, -0f, 0, -0f]));

    [Fact]
    public void Says_which_token_is_not_there_and_that_none_is_left()
    {
        Assert.Equal(
            "Masked has 6, expected tokens from 0 to 5.",
            Assert.Throws<ArgumentException>(() => PredictedTokens.Without(6, [0, 6])).Message);
        Assert.Equal(
            "Masked has every token, expected that one is left.",
            Assert.Throws<ArgumentException>(() => PredictedTokens.Without(2, [1, 0])).Message);
    }
}
