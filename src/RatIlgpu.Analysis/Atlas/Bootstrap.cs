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

    /// <summary>Returns the sum over the groups of each draw; none where there are fewer than two groups.</summary>
    /// <param name="ofGroups">The sum of each group.</param>
    public double[] SumsOf(ReadOnlySpan<double> ofGroups)
    {
        var sums = new double[weights.Length == 0 ? 0 : Draws];
        for (var draw = 0; draw < sums.Length; draw++)
            sums[draw] = Dot(weights.AsSpan(draw * groups, groups), ofGroups);
        return sums;
    }

    /// <summary>Returns the 95 % interval of <c>(raw − chance) / (count − chance)</c>, which is the excess of a mean
    /// over its chance level.</summary>
    /// <param name="raw">The sum of each draw.</param>
    /// <param name="chance">The sum of the chance level of each draw; all 0 where there is none.</param>
    /// <param name="count">The number of queries of each draw.</param>
    /// <returns>The ends; null where there are fewer than two groups, or a draw has no valid query and so no
    /// mean.</returns>
    public static (double Low, double High)? IntervalOf(
        ReadOnlySpan<double> raw, ReadOnlySpan<double> chance, ReadOnlySpan<double> count)
    {
        if (raw.IsEmpty)
            return null;
        var found = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            if (count[draw] <= chance[draw])
                return null;
            found[draw] = (raw[draw] - chance[draw]) / (count[draw] - chance[draw]);
        }

        Array.Sort(found);
        return (found[Outside], found[^(Outside + 1)]);
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
