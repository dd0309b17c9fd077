namespace RatIlgpu.Models;

/// <summary>The rotary scaling of a model that was stretched to longer texts.</summary>
/// <remarks>YaRN: Peng et al., YaRN: Efficient Context Window Extension of Large Language Models, 2023, as Hugging Face
/// computes it. Llama 3: Dubey et al., The Llama 3 Herd of Models, 2024, with the scaling of Llama 3.1 as Meta and
/// Hugging Face publish it.</remarks>
public sealed record RopeScaling
{
    /// <summary>Gets the method.</summary>
    public required RopeScalingKind Kind { get; init; }

    /// <summary>Gets the factor by which texts are longer; at least 1.</summary>
    public required double Factor { get; init; }

    /// <summary>Gets the positions the model was trained with before; not for linear scaling.</summary>
    public int OriginalPositions { get; init; }

    /// <summary>Gets the least number of rotations within the original positions for which a pair keeps its frequency;
    /// YaRN only.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>Gets the largest number of rotations within the original positions for which a pair is scaled wholly;
    /// YaRN only.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>Gets the factor of sines and cosines; YaRN only.</summary>
    public double AttentionFactor { get; init; } = 1;

    /// <summary>Gets the number of rotations within the original positions below which a pair is scaled wholly; Llama 3
    /// only.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Gets the number of rotations within the original positions above which a pair keeps its frequency, more
    /// than <see cref="LowFrequencyFactor"/>; Llama 3 only.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>Gets whether the range of mixed frequencies is widened to whole pairs; YaRN only.</summary>
    public bool Truncates { get; init; } = true;

    /// <summary>Returns the pairs, not whole numbers, between which YaRN mixes: the last that keeps its frequency and
    /// the first that is scaled wholly.</summary>
    internal (double First, double Last) Ramp(int headSize, double theta)
    {
        var (first, last) = (PairOf(BetaFast), PairOf(BetaSlow));
        if (Truncates)
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        (first, last) = (Math.Max(first, 0), Math.Min(last, headSize - 1));
        // As the reference has it, so that the ramp has a slope.
        return (first, first == last ? last + 0.001 : last);

        // The m for which positions · theta^(−2m/c) = 2π · turns.
        double PairOf(double turns) =>
            headSize * Math.Log(OriginalPositions / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}

/// <summary>The way in which rotary frequencies are scaled for positions beyond the training.</summary>
public enum RopeScalingKind
{
    /// <summary>Every frequency is divided by the factor.</summary>
    Linear,

    /// <summary>Low frequencies are divided by the factor, high ones kept, those between mixed by the place of the
    /// pair.</summary>
    Yarn,

    /// <summary>Low frequencies are divided by the factor, high ones kept, those between mixed by the number of their
    /// rotations.</summary>
    Llama3,
}
