using RatIlgpu.Models;
namespace RatIlgpu.Analysis.Tests;

/// <summary>Factors, rollout and summary of patterns that can be worked by hand.</summary>
public sealed class HeadNumbersTests
{
    static readonly Site Values = new(Activation.Value, 0);

    [Fact]
    public void A_factor_is_a_length_against_the_longest()
    {
        var lengths = HeadFactors.Lengths([3, 4, 0, 0, -6, 8], 2);
        Assert.Equal([5, 0, 10], lengths);
        Assert.Equal([0.5f, 0, 1], HeadFactors.Of(lengths, null, Values));
    }

    [Fact]
    public void The_longest_is_no_padding() =>
        Assert.Equal([1, 0.2f, 0], HeadFactors.Of([5, 1, 10], [1, 1, 0], Values));

    [Fact]
    public void Factors_are_0_where_every_length_is()
    {
        Assert.Equal([0, 0], HeadFactors.Of([0, 0], null, Values));
        Assert.Equal([0, 0], HeadFactors.Of([0, 3], [1, 0], Values));
    }

    [Fact]
    public void A_value_that_is_not_a_number_is_refused_unless_it_is_padding()
    {
        Assert.StartsWith(
            "Value of layer 0 is not a finite number",
            Assert.Throws<ArithmeticException>(() => HeadFactors.Of([1, double.NaN], null, Values)).Message);
        Assert.Equal([1, 0], HeadFactors.Of([1, double.NaN], [1, 0], Values));
    }

    // Half of [1 0; ½ ½] and half of the identity is [1 0; ¼ ¾], whose square is [1 0; 7/16 9/16].
    [Fact]
    public void Rollout_multiplies_half_of_the_attention_and_half_of_the_identity()
    {
        using var device = new CpuDevice();
        using var rollout = new AttentionRollout(device, 2);
        Assert.Equal([1, 0, 0, 1], rollout.ToRows());
        rollout.Add(Head(0, 1, 0, 0.5f, 0.5f));
        Assert.Equal([1, 0, 0.25f, 0.75f], rollout.ToRows());
        rollout.Add(Head(1, 1, 0, 0.5f, 0.5f));
        Assert.Equal([1, 0, 0.4375f, 0.5625f], rollout.ToRows());
    }

    [Fact]
    public void Rollout_takes_the_mean_over_the_heads_of_a_layer()
    {
        using var device = new CpuDevice();
        using var rollout = new AttentionRollout(device, 2);
        rollout.Add(Head(0, 1, 0, 1, 0));
        rollout.Add(Head(0, 1, 0, 0, 1));
        Assert.Equal([1, 0, 0.25f, 0.75f], rollout.ToRows());
    }

    // The second token is padding: its row is zeros, and it keeps itself.
    [Fact]
    public void Rows_of_rollout_sum_to_1_with_padding_too()
    {
        using var device = new CpuDevice();
        using var rollout = new AttentionRollout(device, 2);
        rollout.Add(Head(3, 1, 0, 0, 0));
        Assert.Equal([1, 0, 0, 1], rollout.ToRows());
    }

    [Fact]
    public void Rollout_refuses_an_earlier_layer_and_another_prompt()
    {
        using var device = new CpuDevice();
        using var rollout = new AttentionRollout(device, 2);
        rollout.Add(Head(1, 1, 0, 0, 1));
        Assert.Equal(
            "L0H0 comes after a head of layer 1, expected layers in ascending order.",
            Assert.Throws<ArgumentException>(() => rollout.Add(Head(0, 1, 0, 0, 1))).Message);
        Assert.Equal(
            "L2H0 is of 1 token, expected 2.",
            Assert.Throws<ArgumentException>(() => rollout.Add(Head(2, 1))).Message);
    }

    // The first query sees only itself, and does not count.
    [Fact]
    public void A_summary_is_the_mean_over_the_queries_behind_the_first()
    {
        var found = HeadSummary.Of(Head(2, 1, 0, 0, 1, 0, 0, 0.5f, 0.25f, 0.25f));
        Assert.Equal(new(2, 0), found.Head);
        Assert.Equal(0.75, found.First);
        Assert.Equal(0.625, found.Previous);
        Assert.Equal(0.125, found.Self);
        Assert.Equal((0.5 * Math.Log(2) + 0.5 * Math.Log(4)) / 2, found.Entropy, 1e-6);
    }

    [Fact]
    public void A_summary_leaves_padding_out()
    {
        var found = HeadSummary.Of(Head(2, 0, 0, 0, 0, 1, 0, 0, 0.75f, 0.25f), [0, 1, 1]);
        Assert.Equal((0.75, 0.75, 0.25), (found.First, found.Previous, found.Self));
        var alone = HeadSummary.Of(Head(2, 0, 0, 0, 1), [0, 1]);
        Assert.True(double.IsNaN(alone.First) && double.IsNaN(alone.Entropy));
        Assert.Equal(
            "The mask has 1 entries, expected 2, one for each token.",
            Assert.Throws<ArgumentException>(() => HeadSummary.Of(Head(2, 1, 0, 0, 1), [1])).Message);
    }

    static HeadAttention Head(int layer, params float[] pattern)
    {
        var tokens = (int)Math.Sqrt(pattern.Length);
        return new(new(layer, 0), tokens, (first, rows) => pattern.AsSpan(first * tokens, rows.Length).CopyTo(rows));
    }
}
