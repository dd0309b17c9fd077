using RatIlgpu.Models;

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

    /// <summary>Gets the number of likeliest tokens that limits the choice, 0 or more; tokens as likely as the last of
    /// them are also sampled. It comes before <see cref="TopP"/>, whose mass is then that of these tokens. Default: 0,
    /// all tokens.</summary>
    /// <remarks>Fan et al., Hierarchical Neural Story Generation, 2018.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int TopK
    {
        get;
        init => field = value >= 0 ? value : throw OutOfRange(nameof(TopK), $"Top-k is {value}, expected 0 or more.");
    }

    /// <summary>Gets the least probability of a sampled token, in [0, 1], relative to that of the likeliest; it comes
    /// after the temperature and <see cref="TopP"/>. Default: 0, all tokens.</summary>
    /// <remarks>Nguyen et al., Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs,
    /// 2024.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not in [0, 1].</exception>
    public double MinP
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw OutOfRange(nameof(MinP), $"Min-p is {value}, expected 0 to 1.");
    }

    /// <summary>Gets the penalty of tokens that the prompt or the text already has, above 0: before anything else, a
    /// positive logit of theirs is divided by it and a negative one multiplied. Default: 1, none.</summary>
    /// <remarks>Keskar et al., CTRL: A Conditional Transformer Language Model for Controllable Generation,
    /// 2019.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not positive and finite.</exception>
    public double RepetitionPenalty
    {
        get;
        init => field = value > 0 && double.IsFinite(value)
            ? value
            : throw OutOfRange(
                nameof(RepetitionPenalty), $"The repetition penalty is {value}, expected more than 0.");
    } = 1;

    /// <summary>Gets the seed; the same seed gives the same text. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Returns the options that Hugging Face's <c>generate</c> takes from a <c>generation_config.json</c>.
    /// </summary>
    /// <param name="defaults">The file.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The options. Where the file does not sample, the likeliest token is taken; where it samples and leaves
    /// fields out, temperature and top-p are 1 and top-k is 50.</returns>
    /// <exception cref="InvalidDataException">The file has a setting that no generation here has, or a number that one
    /// cannot sample with.</exception>
    public static SamplingOptions Of(GenerationDefaults defaults, int seed = 0)
    {
        const int UsualTopK = 50;
        ArgumentNullException.ThrowIfNull(defaults);
        if (!defaults.Others.IsEmpty)
            throw new InvalidDataException(
                $"{GenerationDefaults.FileName}: has {string.Join(", ", defaults.Others.Items)}, which no generation "
                + "here does, so its settings cannot be applied exactly.");
        if (defaults is { DoesSample: true, Temperature: <= 0 and var temperature })
            throw new InvalidDataException(FormattableString.Invariant(
                $"{GenerationDefaults.FileName}: temperature is {temperature} with do_sample, expected more than 0."));
        try
        {
            var options = new SamplingOptions { RepetitionPenalty = defaults.RepetitionPenalty ?? 1, Seed = seed };
            return !defaults.DoesSample ? options : options with
            {
                Temperature = defaults.Temperature ?? 1,
                TopK = defaults.TopK ?? UsualTopK,
                // Hugging Face takes 1 and more for all tokens.
                TopP = Math.Min(defaults.TopP ?? 1, 1),
                MinP = defaults.MinP ?? 0,
            };
        }
        catch (ArgumentOutOfRangeException fault)
        {
            var message = fault.Message.Split(" (Parameter")[0];
            throw new InvalidDataException($"{GenerationDefaults.FileName}: {message}", fault);
        }
    }

    static ArgumentOutOfRangeException OutOfRange(string option, FormattableString message) =>
        new(option, FormattableString.Invariant(message));
}
