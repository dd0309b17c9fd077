using RatIlgpu.Generation;

namespace RatIlgpu.Tests.Generation;

public sealed class SamplerTests
{
    [Fact]
    public void Greedy_takes_the_largest_and_of_equals_the_first() =>
        Assert.Equal(1, new Sampler(new()).Next([0, 3, 3, -1]));

    [Fact]
    public void Nothing_that_is_forbidden_is_chosen()
    {
        var sampler = new Sampler(new() { Temperature = 5 });
        for (var i = 0; i < 500; i++)
            Assert.Equal(1, sampler.Next([float.NegativeInfinity, 0, float.NaN, float.NegativeInfinity]));
    }

    // With temperature t the odds of two tokens are those of temperature 1 to the power of 1 / t.
    [Theory]
    [InlineData(1, 3, 2, 1)]
    [InlineData(2, 9, 4, 1)]
    [InlineData(0.5, 1.7320508, 1.4142136, 1)]
    public void Samples_follow_the_probabilities(double temperature, float first, float second, float third)
    {
        // Probabilities 1/2, 1/3 and 1/6.
        float[] logits = [MathF.Log(first), MathF.Log(second), MathF.Log(third)];
        var sampler = new Sampler(new() { Temperature = temperature, Seed = 4 });
        var counts = new int[3];
        for (var i = 0; i < 6000; i++)
            counts[sampler.Next(logits)]++;

        // Five standard deviations of a binomial count are about 190.
        Assert.InRange(counts[0], 2800, 3200);
        Assert.InRange(counts[1], 1800, 2200);
        Assert.InRange(counts[2], 800, 1200);
    }

    [Fact]
    public void The_nucleus_is_the_smallest_set_that_reaches_the_mass()
    {
        float[] logits = [0, MathF.Log(3), MathF.Log(2)];
        Assert.Equal([1], Chosen(0.5));
        Assert.Equal([1, 2], Chosen(0.51));
        Assert.Equal([0, 1, 2], Chosen(0.99));

        IEnumerable<int> Chosen(double topP)
        {
            var sampler = new Sampler(new() { Temperature = 1, TopP = topP });
            return Enumerable.Range(0, 300).Select(_ => sampler.Next(logits)).ToHashSet().Order();
        }
    }

    [Fact]
    public void Top_k_leaves_the_likeliest_and_those_as_likely_as_the_last_of_them()
    {
        float[] logits = [0, 5, 3, 4, 3, float.NaN];
        Assert.Equal([1], Chosen(logits, new() { Temperature = 9, TopK = 1 }));
        Assert.Equal([1, 3], Chosen(logits, new() { Temperature = 9, TopK = 2 }));
        Assert.Equal([1, 2, 3, 4], Chosen(logits, new() { Temperature = 9, TopK = 3 }));
        Assert.Equal([0, 1, 2, 3, 4], Chosen(logits, new() { Temperature = 9, TopK = 9 }));
    }

    // Of 1/2, 1/3 and 1/6 the first two are left: 3/5 and 2/5, of which the first reaches 0.6.
    [Fact]
    public void The_mass_is_that_of_the_tokens_that_top_k_leaves()
    {
        float[] logits = [MathF.Log(3), MathF.Log(2), 0];
        Assert.Equal([0], Chosen(logits, new() { Temperature = 1, TopK = 2, TopP = 0.59 }));
        Assert.Equal([0, 1], Chosen(logits, new() { Temperature = 1, TopK = 2, TopP = 0.61 }));
        Assert.Equal([0, 1], Chosen(logits, new() { Temperature = 1, TopP = 0.59 }));
    }

    // The probabilities are 4/7, 2/7 and 1/7; with temperature 0.5, 16/21, 4/21 and 1/21.
    [Theory]
    [InlineData(1, 0.24, new[] { 0, 1, 2 })]
    [InlineData(1, 0.26, new[] { 0, 1 })]
    [InlineData(1, 0.51, new[] { 0 })]
    [InlineData(0.5, 0.24, new[] { 0, 1 })]
    [InlineData(0.5, 1, new[] { 0 })]
    public void Min_p_is_a_share_of_the_likeliest(double temperature, double minP, int[] chosen) => Assert.Equal(
        chosen, Chosen([MathF.Log(4), MathF.Log(2), 0], new() { Temperature = temperature, MinP = minP }));

    // 6 / 2 = 3 is less than 4, and −2 · 2 = −4 less than −3.
    [Theory]
    [InlineData(new[] { 6f, 4, -9 }, new[] { 0 }, 1)]
    [InlineData(new[] { -2f, -3, -9 }, new[] { 0, 0 }, 1)]
    [InlineData(new[] { 6f, 4, -9 }, new[] { 2 }, 0)]
    [InlineData(new[] { 6f, 4, -9 }, new[] { 0, 1, 2 }, 0)]
    [InlineData(new[] { 6f, 4, -9 }, new[] { -1, 3 }, 0)]
    public void Tokens_of_the_text_are_penalized_once(float[] logits, int[] text, int likeliest) => Assert.Equal(
        likeliest, new Sampler(new() { RepetitionPenalty = 2 }).Next(logits, text));

    static IEnumerable<int> Chosen(float[] logits, SamplingOptions options)
    {
        var sampler = new Sampler(options);
        return Enumerable.Range(0, 500).Select(_ => sampler.Next(logits)).ToHashSet().Order();
    }

    [Fact]
    public void Tokens_that_reach_the_mass_exactly_are_the_whole_nucleus()
    {
        var sampler = new Sampler(new() { Temperature = 1, TopP = 0.5 });
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(0, sampler.Next([2, 2])));
    }

    [Fact]
    public void The_same_seed_gives_the_same_choices_and_another_others()
    {
        Assert.Equal(Choices(3), Choices(3));
        Assert.NotEqual(Choices(3), Choices(4));

        int[] Choices(int seed)
        {
            var sampler = new Sampler(new() { Temperature = 1, Seed = seed });
            return [.. Enumerable.Range(0, 40).Select(_ => sampler.Next(new float[50]))];
        }
    }

    // Of 5,000 flat logits, 1,024 hold a fifth of the mass; of steep ones, a few hold nearly all of it. Logits are
    // whole numbers: many are equal at the end of the first 1,024.
    [Theory]
    [InlineData(0.1, 1)]
    [InlineData(0.2, 50)]
    [InlineData(0.5, 1)]
    [InlineData(0.9, 2)]
    [InlineData(0.95, 50)]
    [InlineData(0.999, 1)]
    public void Only_the_likeliest_are_sorted_and_choices_are_those_of_sorting_all(double topP, double temperature)
    {
        var random = new Random(5);
        var sampler = new Sampler(new() { Temperature = temperature, TopP = topP, Seed = 3 });
        var draws = new Random(3);
        for (var step = 0; step < 20; step++)
        {
            float[] logits = [.. Enumerable.Range(0, 5000).Select(_ => (float)random.Next(9))];
            logits[random.Next(5000)] = float.NaN;
            logits[random.Next(5000)] = float.NegativeInfinity;
            Assert.Equal(DrawOfAll(logits, topP, temperature, draws.NextDouble()), sampler.Next(logits));
        }
    }

    static int DrawOfAll(float[] logits, double topP, double temperature, double draw)
    {
        double[] weights =
            [.. logits.Select(logit => float.IsNaN(logit) ? 0 : Math.Exp((logit - 8) / temperature))];
        var total = weights.Aggregate(0.0, (sum, weight) => sum + weight);
        int[] ids = [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => weights[id])];
        var (mass, length) = (0.0, 0);
        while (mass < topP * total)
            mass += weights[ids[length++]];
        var left = draw * mass;
        return ids[..length].First(id => (left -= weights[id]) < 0);
    }

    [Fact]
    public void A_high_logit_does_not_overflow() =>
        Assert.Equal(1, new Sampler(new() { Temperature = 0.01 }).Next([-3e38f, 3e38f]));

    [Theory]
    [InlineData("Top-k is -1, expected 0 or more.", -1, 0, 1)]
    [InlineData("Min-p is 1.1, expected 0 to 1.", 0, 1.1, 1)]
    [InlineData("Min-p is NaN, expected 0 to 1.", 0, double.NaN, 1)]
    [InlineData("The repetition penalty is 0, expected more than 0.", 0, 0, 0)]
    [InlineData("The repetition penalty is Infinity, expected more than 0.", 0, 0, double.PositiveInfinity)]
    public void A_wrong_limit_or_penalty_is_refused(string message, int topK, double minP, double penalty)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new SamplingOptions { TopK = topK, MinP = minP, RepetitionPenalty = penalty });
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The temperature is -0.5, expected 0 or more.", -0.5, 1)]
    [InlineData("The temperature is NaN, expected 0 or more.", double.NaN, 1)]
    [InlineData("Top-p is 0, expected more than 0 and at most 1.", 1, 0)]
    [InlineData("Top-p is 1.5, expected more than 0 and at most 1.", 1, 1.5)]
    public void A_wrong_option_is_refused(string message, double temperature, double topP)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new SamplingOptions { Temperature = temperature, TopP = topP });
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_without_a_number_are_refused() =>
        Assert.Throws<ArgumentException>(() => new Sampler(new()).Next([float.NaN]));
}
