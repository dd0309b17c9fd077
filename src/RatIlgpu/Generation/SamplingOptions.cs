namespace RatIlgpu;

/// <summary>How the next token is chosen; change it with <c>with</c>.</summary>
public sealed record SamplingOptions
{
    /// <summary>Gets the temperature: 0 takes the likeliest token, 1 samples from the model's own probabilities.
    /// Default: 0.</summary>
    public double Temperature { get; init; }

    /// <summary>Gets the probability mass sampled from, in (0, 1]: the likeliest tokens that reach it. Default: 1,
    /// all.</summary>
    /// <remarks>Holtzman et al., The Curious Case of Neural Text Degeneration, 2019.</remarks>
    public double TopP { get; init; } = 1;

    /// <summary>Gets the seed; the same seed gives the same text. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public void Check()
    {
        if (!(Temperature >= 0) || double.IsInfinity(Temperature))
            throw OutOfRange($"The temperature is {Temperature}, expected 0 or more.");
        if (!(TopP > 0 && TopP <= 1))
            throw OutOfRange($"Top-p is {TopP}, expected more than 0 and at most 1.");
    }

    static ArgumentOutOfRangeException OutOfRange(FormattableString message) =>
        new(null, FormattableString.Invariant(message));
}
