namespace RatIlgpu.Analysis.Tests;

public sealed class PatternScoresTests
{
    const double Double = 1e-12;

    static readonly double[][] Pattern =
        [[1], [0.25, 0.75], [0.5, 0.125, 0.375], [0.1, 0.2, 0.3, 0.4], [0.3, 0.1, 0.2, 0.4, 0]];

    [Fact]
    public void Offsets_are_means_of_diagonals()
    {
        Assert.Equal((0.25 + 0.125 + 0.3 + 0.4) / 4, PatternScores.Offset(Pattern, 1), Double);
        Assert.Equal((0.125 + 0.3 + 0.4) / 3, PatternScores.Offset(Pattern, 1, 1), Double);
        Assert.Equal(0.3, PatternScores.Offset(Pattern, 4), Double);
        Assert.Equal(2, PatternScores.PeakOffset([[1], [0.5, 0.5], [0.6, 0.3, 0.1]]));
        Assert.Equal(1, PatternScores.PeakOffset([[1], [0.5, 0.5], [0.6, 0.3, 0.1]], 1));
        Assert.Equal((1 + 0.25 + 0.5 + 0.1 + 0.3) / 5, PatternScores.First(Pattern), Double);
    }

    [Fact]
    public void Tokens_choose_the_keys_that_count()
    {
        Assert.Equal(0.125, PatternScores.Induction(Pattern[..4], 2), Double);
        Assert.Equal(0.3, PatternScores.Induction(Pattern[..5], 2, 1), Double);
        int[] ids = [7, 8, 7, 9, 7];
        Assert.Equal((0.5 + (0.3 + 0.2)) / 2, PatternScores.Duplicate(Pattern, ids), Double);
        Assert.Equal((1 + 0.25 + 0.875 + 0.4 + 0.5) / 5, PatternScores.Keys(Pattern, ids, id => id == 7), Double);
    }

    // The third ordinal, 1, has 0 before it and the other 2; the last, 3, has 2 and the others 0 and 1.
    [Fact]
    public void A_predecessor_is_compared_with_other_ordinals_but_the_first_key() =>
        Assert.Equal(
            ((0.3 - 0.2) + (0.1 - (0.2 + 0.4) / 2)) / 2,
            PatternScores.Predecessor(Pattern, [9, 2, 0, 1, 3], 7), Double);

    [Fact]
    public void Elements_of_a_list_stand_at_every_second_position() =>
        Assert.Equal((0.5 + 0.2) / 2, PatternScores.Succession(Pattern), Double);
}
