namespace RatIlgpu.Analysis;

/// <summary>Sums the change of a matrix or of a block of it, row by row, in double precision.</summary>
/// <param name="rows">The rows of the block.</param>
/// <param name="columns">The columns.</param>
/// <param name="format">The format of the numbers after the change.</param>
sealed class ChangeSum(int rows, int columns, DataType format)
{
    // The mean square of an error that is equally likely anywhere within half a step to both sides, in steps.
    const double UniformVariance = 1.0 / 12;

    readonly ChangeSpectrum spectrum = new(rows, columns);
    double change, before, steps;

    /// <summary>Adds a row.</summary>
    /// <param name="difference">The row after the change less the row before.</param>
    /// <param name="a">The row before.</param>
    /// <param name="b">The row after.</param>
    public void Add(ReadOnlySpan<double> difference, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            change += difference[i] * difference[i];
            before += (double)a[i] * a[i];
            var step = StepOf(b[i], format);
            steps += step * step;
        }

        spectrum.Add(difference);
    }

    /// <summary>Returns the change of all rows.</summary>
    public BlockChange Find()
    {
        var (norm, normBefore) = (Math.Sqrt(change), Math.Sqrt(before));
        if (!double.IsFinite(norm) || !double.IsFinite(normBefore))
            return new(norm, normBefore, null, null);
        var (rank, effective) = spectrum.Find(steps * UniformVariance / Math.Max(1, (double)rows * columns));
        return new(norm, normBefore, rank, effective);
    }

    /// <summary>Returns the distance of a number to the next larger one of its format.</summary>
    public static double StepOf(float number, DataType format)
    {
        // Digits after the leading one, and the least exponent of a normal number.
        var (digits, least) = format switch
        {
            DataType.F16 => (10, -14),
            DataType.BF16 => (7, -126),
            _ => (23, -126),
        };
        // By its bits, since every number of a model is asked for: 8 bits of exponent, 23 of digits.
        var exponent = Math.Max(least, (BitConverter.SingleToInt32Bits(number) >> 23 & 0xFF) - 127);
        return BitConverter.Int64BitsToDouble((long)(exponent - digits + 1023) << 52);
    }
}
