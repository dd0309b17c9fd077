namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class LogitChangesTests
{
    static readonly float[] Before = [0, 1, 2, 3, 4, 5], After = [2, 1, 1, 5, 0, 5.5f];

    static readonly PredictedTokens All = PredictedTokens.Without(6, []);

    [Fact]
    public void The_largest_come_first_and_of_equal_ones_the_lower_id()
    {
        Assert.Equal([new(0, 2), new(3, 2), new(5, 0.5)], LogitChanges.Largest(Before, After, All, 9, 1));
        Assert.Equal([new(0, 2)], LogitChanges.Largest(Before, After, All, 1, 1));
        Assert.Equal([new(4, -4), new(2, -1)], LogitChanges.Largest(Before, After, All, 2, -1));
    }

    [Fact]
    public void A_token_that_is_not_shown_or_does_not_move_is_not_listed() => Assert.Equal(
        [new(0, 2)], LogitChanges.Largest(Before, After, PredictedTokens.Without(6, [3, 5]), 9, 1));
}
