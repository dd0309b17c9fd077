using RatIlgpu.Models;

namespace RatIlgpu.Tests.Models;

public sealed class LogitsTests
{
    [Theory]
    [InlineData(new[] { 0f, 0f }, 0.6931471805599453)]
    [InlineData(new[] { 3f }, 3)]
    [InlineData(new[] { 1000f, float.NegativeInfinity, 1000f }, 1000.6931471805599)]
    [InlineData(new[] { -1000f, -1000f, -1000f, -1000f }, -998.6137056388801)]
    public void The_logarithm_of_the_sum_is_taken_about_the_largest(float[] logits, double expected) =>
        Assert.Equal(expected, Logits.LogSumExp(logits), 12);

    [Fact]
    public void A_logit_less_the_logarithm_of_the_sum_is_a_log_probability()
    {
        float[] logits = [0.5f, -2, 3, 1.25f];
        var probabilities = logits.Select(logit => Math.Exp(logit - Logits.LogSumExp(logits)));
        Assert.Equal(1, probabilities.Sum(), 12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1000)]
    public void The_largest_come_first_and_of_equal_ones_the_smaller_id(int count)
    {
        var random = new Random(5);
        float[] logits = [.. Enumerable.Range(0, 300).Select(_ => (float)random.Next(40))];
        logits[3] = float.NaN;
        logits[4] = float.NegativeInfinity;
        var counted = Enumerable.Range(0, 300).Where(id => id is not (3 or 4) && id % 3 != 0);
        Assert.Equal(
            counted.OrderByDescending(id => logits[id]).Take(count), Logits.Largest(logits, count, id => id % 3 != 0));
    }

    [Fact]
    public void No_logits_are_refused() => Assert.Throws<ArgumentException>(() => Logits.LogSumExp([]));
}
