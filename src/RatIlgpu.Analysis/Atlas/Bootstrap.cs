namespace RatIlgpu.Analysis;

/// <summary>Draws groups of sequences with replacement, the same ones for all heads and scores.</summary>
/// <remarks>Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; the interval is that of
/// percentiles.</remarks>
sealed class Bootstrap
{
    /// <summary>The number of draws.</summary>
    public const int Draws = 1_000;

    // 2.5 % of the draws lie below, and as many above.
    const int Outside = Draws / 40;

    readonly int groups;
    readonly double[] weights = [];

    /// <summary>Draws.</summary>
    /// <param name="groups">The number of groups.</param>
    public Bootstrap(int groups)
    {
        this.groups = groups;
        if (groups < 2)
            return;
        weights = new double[Draws * groups];
        var random = new SeededRandom(0, "bootstrap", 0);
        for (var draw = 0; draw < Draws; draw++)
            for (var i = 0; i < groups; i++)
                weights[(draw * groups) + random.Below(groups)]++;
    }

    /// <summary>Returns the 95 % interval of <c>(raw − chance) / (count − chance)</c>, sums over the groups of a draw,
    /// which is the excess of a mean over its chance level.</summary>
    /// <param name="raw">The sum of each group.</param>
    /// <param name="chance">The sum of the chance level of each group; all 0 where there is none.</param>
    /// <param name="count">The number of queries of each group.</param>
    /// <returns>The ends; null where there are fewer than two groups.</returns>
    public (double Low, double High)? IntervalOf(
        ReadOnlySpan<double> raw, ReadOnlySpan<double> chance, ReadOnlySpan<double> count)
    {
        if (groups < 2)
            return null;
        var found = new List<double>(Draws);
        for (var draw = 0; draw < Draws; draw++)
        {
            var own = weights.AsSpan(draw * groups, groups);
            var (rawSum, chanceSum, countSum) = (Dot(own, raw), Dot(own, chance), Dot(own, count));
            // A draw of groups without a valid query has no mean.
            if (countSum > chanceSum)
                found.Add((rawSum - chanceSum) / (countSum - chanceSum));
        }

        found.Sort();
        return found.Count == Draws ? (found[Outside], found[^(Outside + 1)]) : null;
    }

    // In a fixed order: the interval has the same bits on every machine.
    static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}
