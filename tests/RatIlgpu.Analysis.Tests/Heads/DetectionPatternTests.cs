namespace RatIlgpu.Analysis.Tests;

public sealed class DetectionPatternTests
{
    static readonly int[] Distinct = [10, 11, 12, 13], Repeated = [1, 6, 9, 12, 6, 9, 12];

    [Fact]
    public void The_previous_token_lies_below_the_diagonal()
    {
        Assert.Equal([(1, 0), (2, 1), (3, 2)], Cells(HeadPatternKind.PreviousToken, Distinct));
        Assert.Equal(
            Enumerable.Range(1, 6).Select(query => (query, query - 1)), Cells(HeadPatternKind.PreviousToken, Repeated));
    }

    [Fact]
    public void Duplicates_are_earlier_occurrences()
    {
        Assert.Empty(Cells(HeadPatternKind.DuplicateToken, Distinct));
        Assert.Equal([(4, 1), (5, 2), (6, 3)], Cells(HeadPatternKind.DuplicateToken, Repeated));
    }

    [Fact]
    public void Induction_goes_to_what_came_next()
    {
        Assert.Empty(Cells(HeadPatternKind.Induction, Distinct));
        Assert.Equal([(4, 2), (5, 3), (6, 4)], Cells(HeadPatternKind.Induction, Repeated));
    }

    [Fact]
    public void A_token_that_repeats_at_once_came_next_itself() =>
        Assert.Equal([(1, 1), (2, 1), (2, 2)], Cells(HeadPatternKind.Induction, [5, 5, 5]));

    [Fact]
    public void A_pattern_of_ones_own_says_what_it_was_told()
    {
        var mask = DetectionPattern.Of(new[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 1, 0, 0 } });
        Assert.Equal(3, mask.Size);
        Assert.Equal([(0, 0), (1, 1), (2, 0)], Cells(mask));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask[0, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => mask[-1, 0]);
    }

    [Fact]
    public void What_is_no_pattern_is_refused()
    {
        Refused("The detection pattern has 1 queries and 2 keys, expected as many of both.", new[,] { { 1, 0 } });
        Refused(
            "The detection pattern has a 1 at query 0, key 1, but no query sees a later key.",
            new[,] { { 1, 1 }, { 0, 0 } });
        Refused("The detection pattern has 2 at query 1, key 0, expected 0 or 1.", new[,] { { 1, 0 }, { 2, 0 } });
        Refused("The detection pattern has -1 at query 0, key 1, expected 0 or 1.", new[,] { { 1, -1 }, { 0, 0 } });
        Assert.Throws<ArgumentOutOfRangeException>(() => DetectionPattern.For((HeadPatternKind)3, [1, 2]));

        static void Refused(string message, int[,] cells) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => DetectionPattern.Of(cells)).Message);
    }

    static IEnumerable<(int Query, int Key)> Cells(HeadPatternKind kind, int[] ids) =>
        Cells(DetectionPattern.For(kind, ids));

    static IEnumerable<(int Query, int Key)> Cells(DetectionPattern mask) =>
        from query in Enumerable.Range(0, mask.Size)
        from key in Enumerable.Range(0, mask.Size)
        where mask[query, key]
        select (query, key);
}
