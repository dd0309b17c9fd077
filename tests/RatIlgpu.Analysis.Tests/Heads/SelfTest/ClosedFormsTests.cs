namespace RatIlgpu.Analysis.Tests;

public sealed class ClosedFormsTests
{
    const double Double = 1e-12;

    [Fact]
    public void A_uniform_head_scores_sums_of_one_over_the_keys_that_are_seen()
    {
        Assert.Equal(25.0 / 12, ClosedForms.Harmonic(4), Double);
        Assert.Equal(0, ClosedForms.Harmonic(0));
        Assert.Equal((1.0 / 2 + 1.0 / 3) / 2, ClosedForms.UniformOffset(3, 1), Double);
        Assert.Equal(1.0 / 3, ClosedForms.UniformOffset(3, 2), Double);
        Assert.Equal((1 + 1.0 / 2 + 1.0 / 3) / 3, ClosedForms.UniformFirst(3), Double);
        Assert.Equal(1.0 / 3, ClosedForms.UniformInduction(2), Double);
        Assert.Equal(7.0 / 12, ClosedForms.UniformDuplicate([5, 5, 5, 1]), Double);
    }

    [Fact]
    public void A_uniform_head_scores_the_known_numbers_of_long_prompts()
    {
        Assert.Equal(0.01138, ClosedForms.UniformOffset(512, 1), 5e-6);
        Assert.Equal(0.01331, ClosedForms.UniformFirst(512), 5e-6);
        Assert.Equal(0.002707, ClosedForms.UniformInduction(256), 5e-7);
    }

    [Fact]
    public void Keys_share_attention_by_their_exponentials()
    {
        Assert.Equal(3.0 / 4, ClosedForms.KeyShare(Math.Log(3), 1, 1), Double);
        Assert.Equal(2.0 / 3, ClosedForms.KeyShare(Math.Log(2), 2, 3), Double);
        Assert.Equal(0, ClosedForms.KeyShare(5, 0, 3));
        Assert.Equal((1 + 3.0 / 4) / 2, ClosedForms.Sink(Math.Log(3), 2), Double);
        Assert.Equal((1.0 / 3 + 1.0 / 5) / 2, ClosedForms.Succession(0, 3), Double);
        Assert.Equal((3.0 / 5 + 3.0 / 7) / 2, ClosedForms.Succession(Math.Log(3), 3), Double);
        Assert.Equal([[1], [1.0 / 4, 3.0 / 4]], ClosedForms.Pattern(2, (_, key) => key * Math.Log(3)), Close);
    }

    [Fact]
    public void A_head_that_also_finds_the_query_itself_has_n_of_n_and_1()
    {
        Assert.Equal((1.0 / 2 + 2.0 / 3 + 1.0 / 2) / 3, ClosedForms.DuplicateCeiling([5, 5, 5, 1, 1]), Double);
        Assert.Equal((1.0 / 2 + 1) / 2, ClosedForms.IdealInduction(3), Double);
        Assert.Equal(0.966667, ClosedForms.IdealInduction(16), 5e-7);
    }

    [Fact]
    public void A_score_of_positions_is_a_sum_of_cosines()
    {
        var one = new ConstructedShape(4, 1e8, 1);
        Assert.Equal(6 / 2.0, ClosedForms.LookBack(one, 3, 3, 6), Double);
        Assert.Equal(6 / 2.0 * Math.Cos(2), ClosedForms.LookBack(one, 3, 1, 6), Double);
        Assert.Equal(
            200 * 4 / Math.Sqrt(32), ClosedForms.LookBack(ConstructedShape.Reference, 1, 1, 200), Double);
    }

    [Fact]
    public void A_code_meets_itself_and_the_one_that_shares_its_pair()
    {
        // Token 0 is the first coordinate of pair 8, which turns by 10⁻⁴, and token 8 the second.
        var shape = ConstructedShape.Reference;
        Assert.Equal(Math.Cos(5e-4), ClosedForms.Match(shape, 0, 0, 5), Double);
        Assert.Equal(Math.Sin(5e-4), ClosedForms.Match(shape, 0, 8, 5), Double);
        Assert.Equal(-Math.Sin(5e-4), ClosedForms.Match(shape, 8, 0, 5), Double);
        Assert.Equal(0, ClosedForms.Match(shape, 0, 1, 5));
    }

    // Five families of digits, capital letters, number words, weekdays and months, and the same without digits.
    [Fact]
    public void Lists_of_other_lengths_give_a_uniform_head_a_signal()
    {
        Assert.Equal(0.01239, ClosedForms.LengthSignal(10, 26, 10, 7, 12), 5e-6);
        Assert.Equal(0.01178, ClosedForms.LengthSignal(26, 10, 7, 12), 5e-6);
        Assert.Equal(0, ClosedForms.LengthSignal(12, 26), Double);
    }

    static bool Close(double[] expected, double[] found) =>
        expected.Length == found.Length
        && expected.Zip(found, (one, other) => Math.Abs(one - other) < Double).All(isClose => isClose);
}
