namespace RatIlgpu;

/// <summary>The choice of the next token; change it with <c>with</c>.</summary>
public sealed record SamplingOptions
{
    /// <summary>Gets the temperature, 0 or more: 0 takes the likeliest token, 1 samples from the model's own
    /// probabilities. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is negative or not finite.</exception>
    public double Temperature
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value
            : throw OutOfRange(nameof(Temperature), $"The temperature is {value}, expected 0 or more.");
    }

    /// <summary>Gets the probability mass, in (0, 1], that limits the choice: one of the fewest likeliest tokens that
    /// reach it together is sampled. Default: 1, all tokens.</summary>
    /// <remarks>Holtzman et al., The Curious Case of Neural Text Degeneration, 2019.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The mass is not in (0, 1].</exception>
    public double TopP
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw OutOfRange(nameof(TopP), $"Top-p is {value}, expected more than 0 and at most 1.");
    } = 1;

    /// <summary>Gets the seed; the same seed gives the same text. Default: 0.</summary>
    public int Seed { get; init; }

    static ArgumentOutOfRangeException OutOfRange(string option, FormattableString message) =>
        new(option, FormattableString.Invariant(message));
}
