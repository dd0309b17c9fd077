namespace RatIlgpu.Tracing;

/// <summary>The normalisation of the score of a path by its length: <c>raw / edges^Exponent</c>.</summary>
/// <param name="Exponent">0 keeps the raw score, 1 gives the mean, 0.5 lies between; in [−30, 30].</param>
/// <exception cref="ArgumentOutOfRangeException">The exponent is not in [−30, 30].</exception>
public readonly record struct LengthNormalization(double Exponent)
{
    // With exponents up to this one a path of any length has a finite score.
    const double LargestExponent = 30;
    const string PowerPrefix = "pow:";

    /// <summary>The sum of the logarithms.</summary>
    public static LengthNormalization None { get; } = new(0);

    /// <summary>The mean of the logarithms.</summary>
    public static LengthNormalization AverageLogProbability { get; } = new(1);

    /// <summary>The sum divided by the square root of the length.</summary>
    public static LengthNormalization SquareRoot { get; } = new(0.5);

    /// <summary>Gets the power of the length that the raw score is divided by, in [−30, 30].</summary>
    public double Exponent { get; } = IsAllowed(Exponent)
        ? Exponent
        : throw new ArgumentOutOfRangeException(nameof(Exponent), FormattableString.Invariant(
            $"length normalization: the exponent is {Exponent}, expected -30 to 30."));

    /// <summary>Reads <c>none</c>, <c>avg_logprob</c>, <c>sqrt</c> or <c>pow:0.7</c>.</summary>
    /// <exception cref="FormatException">The text has none of these forms.</exception>
    public static LengthNormalization Parse(string text) => text switch
    {
        "none" => None,
        "avg_logprob" => AverageLogProbability,
        "sqrt" => SquareRoot,
        _ when text.StartsWith(PowerPrefix, StringComparison.Ordinal)
            && double.TryParse(
                text.AsSpan(PowerPrefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var exponent)
            && IsAllowed(exponent) => new(exponent),
        _ => throw new FormatException(
            $"length normalization: '{text}' is none of none, avg_logprob, sqrt or pow:NUMBER, such as pow:0.7, "
            + "with a number from -30 to 30."),
    };

    /// <summary>Normalises a score.</summary>
    /// <param name="raw">The raw score.</param>
    /// <param name="edges">The number of edges; a path without any keeps its raw score.</param>
    public double Apply(double raw, int edges) => edges == 0 || Exponent == 0 ? raw : Exponent switch
    {
        1 => raw / edges,
        0.5 => raw / Math.Sqrt(edges),
        _ => raw / Math.Pow(edges, Exponent),
    };

    /// <summary>Returns the form <see cref="Parse"/> reads.</summary>
    public override string ToString() => Exponent switch
    {
        0 => "none",
        1 => "avg_logprob",
        0.5 => "sqrt",
        _ => PowerPrefix + Exponent.ToString("R", CultureInfo.InvariantCulture),
    };

    static bool IsAllowed(double exponent) => Math.Abs(exponent) <= LargestExponent;
}
