namespace RatIlgpu.Models;

/// <summary>The rotary position embedding of a model: the cosines and sines that rotate its queries and keys.</summary>
/// <remarks>Pair m of a head of size c, its numbers m and m + c/2, is rotated by <c>position · theta^(−2m/c)</c>, with
/// the scaling and in the precision that the config asks for. Su et al., RoFormer: Enhanced Transformer with Rotary
/// Position Embedding, 2021.</remarks>
public sealed class RotaryEmbedding
{
    readonly int headSize;
    readonly double[] frequencies;
    readonly double amplitude;
    readonly bool isSingle;

    /// <summary>Makes the rotary embedding of a model.</summary>
    /// <param name="config">The architecture.</param>
    public RotaryEmbedding(Qwen2Config config)
    {
        headSize = config.HeadSize;
        amplitude = config.RopeScaling?.AttentionFactor ?? 1;
        isSingle = config.RotaryPrecision == RotaryPrecision.Single;
        if (isSingle)
        {
            frequencies = SingleFrequencies.Of(config);
            return;
        }

        frequencies = new double[headSize / 2];
        for (var pair = 0; pair < frequencies.Length; pair++)
            frequencies[pair] = Math.Pow(config.RopeTheta, -2.0 * pair / headSize);
        if (config.RopeScaling is { } scaling)
            Scale(scaling, config.RopeTheta);
    }

    /// <summary>Writes the cosines and sines of consecutive positions.</summary>
    /// <param name="firstPosition">The first position, from 0.</param>
    /// <param name="count">The number of positions.</param>
    /// <param name="angles"><c>[count, headSize]</c>: per position the cosines of all pairs, then their sines, times
    /// the attention factor of YaRN. <see cref="Device.Rotate"/> takes a tensor of them.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is negative or beyond 2³¹ − 1.</exception>
    public void Fill(int firstPosition, int count, Span<float> angles)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstPosition);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstPosition, int.MaxValue - count);
        if (angles.Length != (long)count * headSize)
            throw new ArgumentException(
                $"Fill: {count} positions of head size {headSize} do not fit {angles.Length} numbers.");
        for (var row = 0; row < count; row++)
        {
            var cosines = angles.Slice(row * headSize, headSize / 2);
            var sines = angles.Slice(row * headSize + headSize / 2, headSize / 2);
            for (var pair = 0; pair < frequencies.Length; pair++)
            {
                var (sine, cosine) = Math.SinCos(Angle(firstPosition + row, pair));
                cosines[pair] = Scaled(cosine);
                sines[pair] = Scaled(sine);
            }
        }
    }

    // Both factors are floats if the precision is single: their product in double is exact, and rounded once.
    double Angle(int position, int pair) =>
        isSingle ? (float)((float)position * frequencies[pair]) : position * frequencies[pair];

    float Scaled(double part) => isSingle ? (float)part * (float)amplitude : (float)(part * amplitude);

    // frequency · (1 − r + r / factor). Linear: r is 1. YaRN: r climbs from 0 at the last pair that rotates often to 1
    // at the first pair that rotates rarely. Llama 3: r climbs as the rotations of a pair become fewer.
    void Scale(RopeScaling scaling, double theta)
    {
        var (first, last) = scaling.Kind == RopeScalingKind.Yarn ? scaling.Ramp(headSize, theta) : default;
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            var ramp = scaling.Kind switch
            {
                RopeScalingKind.Yarn => (pair - first) / (last - first),
                RopeScalingKind.Llama3 => (scaling.HighFrequencyFactor - Turns(frequencies[pair]))
                    / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor),
                _ => 1,
            };
            ramp = Math.Clamp(ramp, 0, 1);
            frequencies[pair] *= 1 - ramp + ramp / scaling.Factor;
        }

        // The rotations of a pair within the original positions.
        double Turns(double frequency) => scaling.OriginalPositions * frequency / (2 * Math.PI);
    }
}

/// <summary>The precision in which rotary angles are computed.</summary>
public enum RotaryPrecision
{
    /// <summary>Frequencies, angles, cosines and sines in double, rounded to float at the end.</summary>
    Double,

    /// <summary>Frequencies, their products with positions, cosines and sines each rounded to float, as in Hugging
    /// Face.</summary>
    Single,
}

/// <summary>Computes the frequencies of rotary pairs as Hugging Face does: every step is rounded to float.</summary>
static class SingleFrequencies
{
    /// <summary>Returns the frequencies, which are floats.</summary>
    public static double[] Of(Qwen2Config config)
    {
        var frequencies = new double[config.HeadSize / 2];
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            // Wavelengths by 2π. The power in double, rounded: powers in float differ between platforms.
            var exponent = (float)(2 * pair) / config.HeadSize;
            var wave = (float)Math.Pow((float)config.RopeTheta, exponent);
            frequencies[pair] = config.RopeScaling switch
            {
                { Kind: RopeScalingKind.Yarn } yarn => Mix(wave, pair, yarn, config),
                { Kind: RopeScalingKind.Llama3 } llama => Mix(1 / wave, llama),
                { } linear => 1 / wave / (float)linear.Factor,
                null => 1 / wave,
            };
        }

        return frequencies;
    }

    static float Mix(float wave, int pair, RopeScaling yarn, Qwen2Config config)
    {
        var (first, last) = yarn.Ramp(config.HeadSize, config.RopeTheta);
        var ramp = Math.Clamp((pair - (float)first) / (float)(last - first), 0, 1);
        var kept = 1 - ramp;
        return 1 / ((float)yarn.Factor * wave) * (1 - kept) + 1 / wave * kept;
    }

    static float Mix(float frequency, RopeScaling llama)
    {
        var (original, wave) = ((float)llama.OriginalPositions, (float)(2 * Math.PI) / frequency);
        var (low, high, factor) = (llama.LowFrequencyFactor, llama.HighFrequencyFactor, (float)llama.Factor);
        if (wave > (float)(llama.OriginalPositions / low))
            return frequency / factor;
        if (wave < (float)(llama.OriginalPositions / high))
            return frequency;
        var kept = (original / wave - (float)low) / (float)(high - low);
        return (1 - kept) * frequency / factor + kept * frequency;
    }
}
