namespace RatIlgpu.Analysis;

/// <summary>The options of an explanation of an attention score; change them with <c>with</c>.</summary>
public sealed record ScoreAttributionOptions
{
    /// <summary>Gets what the score of the key is compared with. Default: nothing.</summary>
    public ScoreReading Reading { get; init; } = ScoreReading.Here;

    /// <summary>Gets the key that the key is compared with, <c>^1</c> for the last.
    /// <see cref="ScoreReading.Foil"/> needs one, and no other reading takes one. Default: null.</summary>
    public Index? FoilKey { get; init; }

    /// <summary>Gets whether each earlier head is split into what it wrote of each token that it read. Default:
    /// false.</summary>
    public bool SplitHeads { get; init; }

    /// <summary>Throws if the options contradict each other.</summary>
    /// <exception cref="ArgumentException">There is a foil key without the reading, or the reading without
    /// one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The reading is not a member of its enumeration.</exception>
    internal void Check()
    {
        if (!Enum.IsDefined(Reading))
            throw new ArgumentOutOfRangeException(nameof(Reading), $"{Reading} is no reading of a score.");
        if (Reading == ScoreReading.Foil && FoilKey is null)
            throw new ArgumentException(
                $"The reading is {ScoreReading.Foil}, but there is no foil: give the key to compare with as FoilKey.");
        if (Reading != ScoreReading.Foil && FoilKey is not null)
            throw new ArgumentException(
                $"The reading is {Reading}, which compares with no key, but FoilKey is given: use "
                + $"{ScoreReading.Foil}, or leave it out.");
    }
}

/// <summary>What the score of a key is compared with. Each reading is a sum over pairs of parts.</summary>
public enum ScoreReading
{
    /// <summary>Nothing: the pairs sum to the score. Taking a part of the key away, at this key alone, lowers the log
    /// odds of its attention by exactly what the pairs of that part sum to.</summary>
    Here,

    /// <summary>The mean over the other keys that the query sees: the pairs sum to the score less their mean score.
    /// What a part adds to every key alike counts 0.</summary>
    Others,

    /// <summary>Another key: the pairs sum to the logarithm of how many times more attention the key has.</summary>
    Foil,

    /// <summary>The mean over all keys by attention: each pair is the derivative of the logarithm of the attention by
    /// the strength of the pair at all keys, and they sum to the score less the mean score. Near 0 where the key has
    /// nearly all attention.</summary>
    Gradient,
}
