using System.Runtime.InteropServices;

namespace RatIlgpu.Models;

/// <summary>The factors of keys: lengths against the longest of the prompt.</summary>
public static class HeadFactors
{
    /// <summary>Returns the norm of each value.</summary>
    /// <param name="values"><c>[tokens, headSize]</c>.</param>
    /// <param name="size">The head size, at least 1.</param>
    /// <returns><c>[tokens]</c>, in double.</returns>
    public static double[] Lengths(ReadOnlySpan<float> values, int size)
    {
        var lengths = new double[values.Length / size];
        for (var token = 0; token < lengths.Length; token++)
        {
            var squares = 0.0;
            foreach (var number in values.Slice(token * size, size))
                squares += (double)number * number;
            lengths[token] = Math.Sqrt(squares);
        }

        return lengths;
    }

    /// <summary>Returns the factors of the tokens that are no padding; all are 0 where every length is.</summary>
    /// <param name="lengths"><c>[tokens]</c>.</param>
    /// <param name="mask">0 for padding; null for none.</param>
    /// <param name="site">The site of the values, for errors.</param>
    /// <returns><c>[tokens]</c>, in [0, 1]; 0 for padding.</returns>
    /// <exception cref="ArithmeticException">A length is not a finite number.</exception>
    public static ImmutableArray<float> Of(double[] lengths, ImmutableArray<int>? mask, Site site)
    {
        var longest = 0.0;
        for (var token = 0; token < lengths.Length; token++)
            if (mask is not { } given || given[token] != 0)
                longest = double.IsFinite(lengths[token])
                    ? Math.Max(longest, lengths[token])
                    : throw new ArithmeticException(
                        $"{site} is not a finite number: the weights or the recording are damaged.");
        var factors = new float[lengths.Length];
        for (var token = 0; token < lengths.Length; token++)
            if (longest > 0 && (mask is not { } given || given[token] != 0))
                factors[token] = (float)(lengths[token] / longest);
        return ImmutableCollectionsMarshal.AsImmutableArray(factors);
    }
}
