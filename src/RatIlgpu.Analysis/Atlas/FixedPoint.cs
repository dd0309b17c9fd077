namespace RatIlgpu.Analysis;

/// <summary>Numbers as multiples of a power of two, in 64 bits. Their sums are exact, so they do not depend on the
/// order in which numbers are added, nor on how sums are split.</summary>
static class FixedPoint
{
    /// <summary>The bits after the point of sums of attention: steps of 1e-12, and room for 8 million
    /// queries.</summary>
    public const int Fine = 40;

    /// <summary>The bits after the point of sums of lengths, which may be large: steps of 6e-8.</summary>
    public const int Coarse = 24;

    /// <summary>Returns a number, rounded to the nearest step.</summary>
    /// <exception cref="ArithmeticException">The number is not finite or too large.</exception>
    public static long Of(double number, int bits = Fine)
    {
        var steps = Math.ScaleB(number, bits);
        return Math.Abs(steps) < 1L << 62
            ? (long)Math.Round(steps)
            : throw new ArithmeticException(FormattableString.Invariant(
                $"A sum of {number} is not finite, or above {Math.ScaleB(1, 62 - bits)}: the weights are damaged."));
    }

    /// <summary>Returns the number.</summary>
    public static double ToDouble(long steps, int bits = Fine) => Math.ScaleB((double)steps, -bits);

    /// <summary>Adds numbers to sums.</summary>
    /// <exception cref="ArithmeticException">A sum is too large.</exception>
    public static void Add(ReadOnlySpan<long> numbers, Span<long> sums)
    {
        for (var i = 0; i < numbers.Length; i++)
            sums[i] = checked(sums[i] + numbers[i]);
    }
}
