using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>How far two rows of attention and two predictions are apart, against the definitions in double: these are
/// not clamped to the ranges that they have.</summary>
[Properties(Arbitrary = [typeof(DivergenceLaws)])]
public sealed class DivergenceLaws
{
    // Of sums of some dozens of products of numbers below 100 and logarithms, in another order.
    const double Rounding = 1e-12;

    // The root of a divergence that is 0 but for rounding.
    const double RootRounding = 1e-6;

    internal static Arbitrary<RowsCase> Rows { get; } = Arb.From(
        from keys in Gen.Choose(1, 30)
        from sharpness in Gen.Choose(0, 60)
        from hidden in Gen.Choose(0, 3)
        from seed in Gen.Choose(0, 10000)
        select new RowsCase(keys, sharpness, hidden, seed),
        RowsCase.Smaller);

    [Law]
    internal void Rows_are_as_far_apart_as_the_entropies_and_differences_of_their_cells_say(RowsCase rows)
    {
        var (p, q) = (rows.Row(0), rows.Row(1));
        var (found, divergence) = (PatternDivergence.Of(p, q), Divergence(p, q));
        // Rows sum to 1 but for the rounding of F32, and so much may the divergence be beyond log 2.
        var most = Math.Log(2) * (Sum(p) + Sum(q)) / 2;
        Assert.InRange(divergence, -Rounding, most + Rounding);
        Assert.Equal(Math.Min(divergence, Math.Log(2)), found.JensenShannon, Rounding);
        Assert.Equal(Math.Min(Variation(p, q), 1), found.TotalVariation, Rounding);
        Assert.InRange(found.JensenShannon, 0, Math.Log(2));
        Assert.InRange(found.TotalVariation, 0, 1);
    }

    [Law]
    internal void Rows_are_equally_far_apart_in_both_orders_and_not_at_all_only_where_they_are_equal(RowsCase rows)
    {
        var (p, q) = (rows.Row(0), rows.Row(1));
        var found = PatternDivergence.Of(p, q);
        Assert.Equal(found, PatternDivergence.Of(q, p));
        Assert.Equal(default, PatternDivergence.Of(p, [.. p]));
        Assert.Equal(p.SequenceEqual(q), found.TotalVariation == 0);
        // Where one cell is larger by one bit of F32, the squares of the change are lost, and the change is not.
        var moved = p.ToArray();
        moved[rows.Seed % p.Length] = MathF.BitIncrement(moved[rows.Seed % p.Length]);
        Assert.InRange(PatternDivergence.Of(p, moved).TotalVariation, double.Epsilon, 1e-7);
    }

    // Both are metrics: the variation, and the root of the divergence (Endres and Schindelin, 2003).
    [Law]
    internal void A_way_round_over_a_third_row_is_no_shorter(RowsCase rows)
    {
        var (p, q, r) = (rows.Row(0), rows.Row(1), rows.Row(2));
        var (straight, there, on) = (
            PatternDivergence.Of(p, r), PatternDivergence.Of(p, q), PatternDivergence.Of(q, r));
        Assert.InRange(straight.TotalVariation, 0, there.TotalVariation + on.TotalVariation + Rounding);
        Assert.InRange(
            Math.Sqrt(straight.JensenShannon), 0,
            Math.Sqrt(there.JensenShannon) + Math.Sqrt(on.JensenShannon) + RootRounding);
    }

    // Lin's bound above, and Pinsker's inequality for both halves below; rows sum to 1 up to the rounding of F32.
    [Law]
    internal void The_divergence_of_rows_is_bounded_by_their_variation(RowsCase rows)
    {
        var (p, q) = (rows.Row(0), rows.Row(1));
        var (found, slack) = (PatternDivergence.Of(p, q), Math.Abs(Sum(p) - 1) + Math.Abs(Sum(q) - 1) + Rounding);
        Assert.InRange(
            found.JensenShannon, (found.TotalVariation * found.TotalVariation / 2) - slack,
            (Math.Log(2) * found.TotalVariation) + slack);
    }

    [Law]
    internal void Rows_without_a_key_in_common_are_log_2_apart_and_with_all_of_their_attention(RowsCase rows)
    {
        var (one, other) = (rows.Row(0), rows.Row(1));
        float[] p = [.. one, .. other.Select(_ => 0f)];
        float[] q = [.. one.Select(_ => 0f), .. other];
        Assert.Equal(Math.Log(2) * (Sum(p) + Sum(q)) / 2, Divergence(p, q), Rounding);
        var found = PatternDivergence.Of(p, q);
        Assert.Equal(Math.Min(Math.Log(2), Math.Log(2) * (Sum(p) + Sum(q)) / 2), found.JensenShannon, Rounding);
        Assert.Equal(Math.Min(1, (Sum(p) + Sum(q)) / 2), found.TotalVariation, Rounding);
    }

    [Law]
    internal void The_divergence_of_predictions_is_that_of_their_probabilities_and_at_least_Pinskers(RowsCase rows)
    {
        var (a, b) = (rows.Logits(0), rows.Logits(1));
        var (p, q) = (Probabilities(a), Probabilities(b));
        var divergence = p.Zip(q, (one, other) => one * Math.Log(one / other)).Sum();
        var found = new LensReader(b).DivergenceFrom(new LensReader(a).Keep());
        Assert.Equal(divergence, found, Rounding * (1 + rows.Sharpness));
        var variation = p.Zip(q, (one, other) => Math.Abs(one - other)).Sum() / 2;
        Assert.InRange(divergence, (2 * variation * variation) - Rounding, double.MaxValue);
        Assert.Equal(0, new LensReader(a).DivergenceFrom(new LensReader(a).Keep()));
    }

    static double Sum(float[] row) => row.Sum(part => (double)part);

    static double Variation(float[] p, float[] q) => p.Zip(q, (one, other) => Math.Abs((double)one - other)).Sum() / 2;

    // By the entropies, of which none is a logarithm of a quotient.
    static double Divergence(float[] p, float[] q) =>
        Entropy(p.Zip(q, (one, other) => ((double)one + other) / 2))
        - ((Entropy(p.Select(part => (double)part)) + Entropy(q.Select(part => (double)part))) / 2);

    static double Entropy(IEnumerable<double> row) => -row.Sum(part => part > 0 ? part * Math.Log(part) : 0);

    static double[] Probabilities(float[] logits)
    {
        double[] parts = [.. logits.Select(logit => Math.Exp(logit))];
        return [.. parts.Select(part => part / parts.Sum())];
    }

    /// <summary>Some rows of attention.</summary>
    /// <param name="Keys">The keys.</param>
    /// <param name="Sharpness">How far their logits reach.</param>
    /// <param name="Hidden">How many of four keys a row does not see.</param>
    /// <param name="Seed">The seed of the numbers.</param>
    internal sealed record RowsCase(int Keys, int Sharpness, int Hidden, int Seed)
    {
        public static IEnumerable<RowsCase> Smaller(RowsCase one)
        {
            if (one.Keys > 1)
                yield return one with { Keys = one.Keys - 1 };
            if (one.Sharpness > 0)
                yield return one with { Sharpness = one.Sharpness / 2 };
            if (one.Hidden > 0)
                yield return one with { Hidden = one.Hidden - 1 };
        }

        public float[] Logits(int which)
        {
            var random = new Random((3 * Seed) + which);
            return [.. Enumerable.Range(0, Keys).Select(_ => (float)(random.NextDouble() * Sharpness))];
        }

        public float[] Row(int which)
        {
            var random = new Random((3 * Seed) + which + 1_000_000);
            double[] parts = [.. Logits(which).Select(logit => random.Next(4) < Hidden ? 0 : Math.Exp(logit))];
            if (parts.All(part => part == 0))
                parts[random.Next(Keys)] = 1;
            var sum = parts.Sum();
            return [.. parts.Select(part => (float)(part / sum))];
        }
    }
}
