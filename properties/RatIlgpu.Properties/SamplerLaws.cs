using RatIlgpu.Generation;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(SamplerLaws.Case), typeof(SamplerLaws.VocabularyCase)])]
public sealed class SamplerLaws
{
    const int Draws = 2000;

    [Law]
    public void Tokens_are_drawn_as_often_as_their_odds_say(Case sampled)
    {
        var sampler = new Sampler(sampled.Options);
        var counts = new int[sampled.Logits.Length];
        for (var draw = 0; draw < Draws; draw++)
            counts[sampler.Next(sampled.Logits)]++;
        foreach (var (expected, count) in sampled.Odds().Zip(counts))
            if (expected == 0)
                Assert.Equal(0, count);
            else
                Assert.Equal(Draws * expected, count, Deviation(expected));
    }

    [Law]
    public void Without_temperature_the_first_of_the_likeliest_is_taken(Case sampled)
    {
        var likeliest = sampled.Logits.Where(logit => !float.IsNaN(logit)).Max();
        var sampler = new Sampler(sampled.Options with { Temperature = 0 });
        Assert.Equal(Array.IndexOf(sampled.Logits, likeliest), sampler.Next(sampled.Logits));
    }

    [Law]
    public void What_is_seen_before_is_never_likelier_for_it(Case sampled)
    {
        var sampler = new Sampler(new() { RepetitionPenalty = 1.5 });
        var usual = sampler.Next(sampled.Logits);
        Assert.Equal(usual, sampler.Next(sampled.Logits, Enumerable.Range(0, 8).Where(id => id != usual)));
    }

    [Law]
    public void A_seed_says_what_is_drawn(Case sampled)
    {
        var (first, second) = (new Sampler(sampled.Options), new Sampler(sampled.Options));
        for (var draw = 0; draw < 20; draw++)
            Assert.Equal(first.Next(sampled.Logits), second.Next(sampled.Logits));
    }

    [Law]
    public void Choices_are_those_of_sorting_the_whole_vocabulary(VocabularyCase sampled)
    {
        var (sampler, random) = (new Sampler(sampled.Options), new Random(sampled.Options.Seed));
        for (var step = 0; step < 4; step++)
        {
            var logits = sampled.Logits(step);
            Assert.Equal(sampled.Draw(logits, random), sampler.Next(logits));
        }
    }

    // By Bernstein's inequality, a correct sampler exceeds this with a probability below 10⁻¹².
    static double Deviation(double expected) => 8 * Math.Sqrt(Draws * expected * (1 - expected)) + 20;

    /// <summary>Logits, at least one of them finite, and the options to draw a token with.</summary>
    public sealed record Case(float[] Logits, SamplingOptions Options)
    {
        /// <summary>Gets arbitrary cases. In a third of them all logits are equal, and the mass is exactly that of a
        /// whole number of tokens.</summary>
        public static Arbitrary<Case> Any { get; } = Arb.From(
            from isEqual in Gen.Elements(true, false, false)
            from count in isEqual ? Gen.Elements(1, 2, 4, 8) : Gen.Choose(1, 8)
            from logits in Gen.Elements(0, 0, 1, -1, 0.3f, 2.5f, -4, float.NegativeInfinity, float.NaN).ArrayOf(count)
            from temperature in Gen.Elements(0.25, 0.5, 1, 2, 4)
            from of in Gen.Choose(1, count)
            from topP in isEqual ? Gen.Constant(of / (double)count) : Gen.Elements(1, 1, 0.99, 0.9, 0.5, 0.2)
            from topK in isEqual ? Gen.Constant(0) : Gen.Choose(0, count)
            from minP in Gen.Elements(0, 0, 0.001, 0.3, 0.9)
            from seed in Gen.Choose(0, int.MaxValue)
            select new Case(
                [isEqual ? 0 : 0.5f, .. isEqual ? new float[count - 1] : logits],
                new() { Temperature = temperature, TopP = topP, TopK = topK, MinP = minP, Seed = seed }),
            Smaller);

        /// <summary>Returns the probability of each token by definition: proportional to <c>p^(1/T)</c> among the
        /// fewest likeliest tokens that reach the mass of the k likeliest, and not too far below the
        /// likeliest.</summary>
        public double[] Odds()
        {
            var highest = Logits.Max(Weight);
            double[] powers = [.. Logits.Select(logit => Math.Pow(Weight(logit) / highest, 1 / Options.Temperature))];
            var least = powers.OrderDescending().ElementAt((Options.TopK > 0 ? Options.TopK : powers.Length) - 1);
            powers = [.. powers.Select(power => power < least ? 0 : power)];
            int[] likeliest = [.. Enumerable.Range(0, powers.Length).OrderByDescending(id => powers[id])];
            double Mass(int count) => likeliest.Take(count).Sum(id => powers[id]);
            var size = Enumerable.Range(1, powers.Length)
                .FirstOrDefault(count => Mass(count) >= Options.TopP * powers.Sum(), powers.Length);
            powers = [.. powers.Select((power, id) =>
                likeliest.Take(size).Contains(id) && power >= Options.MinP ? power : 0)];
            return [.. powers.Select(power => power / powers.Sum())];
        }

        public override string ToString() => $"{Options} of {string.Join(" ", Logits)}";

        static double Weight(float logit) => float.IsNaN(logit) ? 0 : Math.Exp(logit);

        static IEnumerable<Case> Smaller(Case sampled)
        {
            for (var id = 0; id < sampled.Logits.Length && sampled.Logits.Length > 1; id++)
                if (sampled.Logits.Where((logit, other) => other != id && float.IsFinite(logit)).Any())
                    yield return sampled with { Logits = [.. sampled.Logits[..id], .. sampled.Logits[(id + 1)..]] };
            if (sampled.Options.TopP < 1)
                yield return sampled with { Options = sampled.Options with { TopP = 1 } };
            if (sampled.Options.TopK > 0)
                yield return sampled with { Options = sampled.Options with { TopK = 0 } };
            if (sampled.Options.MinP > 0)
                yield return sampled with { Options = sampled.Options with { MinP = 0 } };
            if (sampled.Options.Temperature != 1)
                yield return sampled with { Options = sampled.Options with { Temperature = 1 } };
        }
    }

    /// <summary>Random logits of a vocabulary, and the options to draw with.</summary>
    /// <param name="Count">The size of the vocabulary.</param>
    /// <param name="Steps">How many different numbers a unit has; 0 for all that there are. Few make ties.</param>
    /// <param name="Spread">The largest logit.</param>
    /// <param name="Options">The options.</param>
    public sealed record VocabularyCase(int Count, int Steps, float Spread, SamplingOptions Options)
    {
        /// <summary>Gets arbitrary cases; smaller ones have a smaller vocabulary.</summary>
        public static Arbitrary<VocabularyCase> Any { get; } = Arb.From(
            from count in Gen.Choose(1, 3000)
            from steps in Gen.Elements(0, 0, 1, 4)
            from spread in Gen.Elements(0.01f, 1, 9, 800)
            from temperature in Gen.Elements(0.01, 0.7, 1, 5, 1e9)
            from topP in Gen.Elements(1, 1 - 1e-12, 0.999, 0.9, 0.5, 0.01)
            from topK in Gen.Elements(0, 0, 1, 20, 500, count)
            from minP in Gen.Elements(0, 0, 0.001, 0.3, 1)
            from seed in Gen.Choose(0, int.MaxValue)
            select new VocabularyCase(
                count, steps, spread,
                new() { Temperature = temperature, TopP = topP, TopK = topK, MinP = minP, Seed = seed }),
            sampled => sampled.Count > 1 ? [sampled with { Count = sampled.Count / 2 }] : []);

        /// <summary>Returns the logits of a step, some of them −∞ or NaN.</summary>
        public float[] Logits(int step)
        {
            var random = new Random(Options.Seed + step);
            return [0, .. Enumerable.Range(1, Count - 1).Select(_ => random.Next(20) switch
            {
                0 => float.NaN,
                1 => float.NegativeInfinity,
                _ => Spread * (float)(Steps == 0 ? random.NextDouble() : random.Next(Steps + 1) / (double)Steps),
            })];
        }

        /// <summary>Draws by definition: all weights are computed, and all tokens sorted.</summary>
        public int Draw(float[] logits, Random random)
        {
            double highest = logits.Where(logit => !float.IsNaN(logit)).Max();
            double[] weights = [.. logits.Select(
                logit => float.IsNaN(logit) ? 0 : Math.Exp((logit - highest) / Options.Temperature))];
            if (Options.TopK > 0)
                KeepAtLeast(weights.OrderDescending().ElementAt(Math.Min(Options.TopK, Count) - 1), weights);
            var total = weights.Aggregate(0.0, (sum, weight) => sum + weight);
            var ids = Enumerable.Range(0, Count);
            int[] order = [.. Options.TopP < 1 ? ids.OrderByDescending(id => weights[id]) : ids];
            var (mass, size) = (0.0, 0);
            while (size < Count && mass < Options.TopP * total)
                mass += weights[order[size++]];
            KeepAtLeast(Options.MinP, weights);
            mass = order[..size].Aggregate(0.0, (sum, id) => sum + weights[id]);
            var left = random.NextDouble() * mass;
            foreach (var id in order[..size])
                if ((left -= weights[id]) < 0)
                    return id;
            return order[..size].Last(id => weights[id] > 0);
        }

        static void KeepAtLeast(double least, double[] weights)
        {
            foreach (ref var weight in weights.AsSpan())
                weight = weight < least ? 0 : weight;
        }
    }
}
