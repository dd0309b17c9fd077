namespace RatIlgpu.Analysis;

/// <summary>Mean and spread of a number over prompts.</summary>
/// <param name="Mean">The mean; NaN where no prompt has the number.</param>
/// <param name="Spread">The sample standard deviation, <c>sqrt(Σ (x − mean)² / (n − 1))</c>; NaN where fewer than two
/// prompts have the number.</param>
/// <param name="Count">The number n of prompts that have the number.</param>
public readonly record struct MeanAndSpread(double Mean, double Spread, int Count)
{
    /// <summary>Gets the standard error of the mean, <c>spread / sqrt(n)</c>; NaN where fewer than two prompts have the
    /// number.</summary>
    public double StandardError => Spread / Math.Sqrt(Count);

    /// <summary>Returns mean and spread of some numbers.</summary>
    /// <param name="numbers">The number of each prompt; null where a prompt does not have it, which is left
    /// out.</param>
    public static MeanAndSpread Of(params IEnumerable<double?> numbers)
    {
        double[] found = [.. numbers.Where(number => number is not null).Select(number => number!.Value)];
        // Equal numbers have that number as mean, and no spread, whatever the sum rounds to.
        var origin = found is [var first, ..] && double.IsFinite(first) ? first : 0;
        var mean = found.Length > 0 ? origin + found.Sum(number => number - origin) / found.Length : double.NaN;
        var squares = found.Sum(number => (number - mean) * (number - mean));
        return new(mean, found.Length > 1 ? Math.Sqrt(squares / (found.Length - 1)) : double.NaN, found.Length);
    }

    /// <summary>Returns mean and spread, such as <c>1.25 ± 0.5 (3)</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Mean} ± {Spread} ({Count})");
}
