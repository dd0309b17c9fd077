namespace RatIlgpu.Models;

/// <summary>The rotary position embedding of a model: the cosines and sines that rotate its queries and keys.</summary>
/// <remarks>Pair m of a head of size c, its numbers m and m + c/2, is rotated by <c>position · theta^(−2m/c)</c>, with
/// the scaling that the config asks for; the angles are computed in double precision. Su et al., RoFormer: Enhanced
/// Transformer with Rotary Position Embedding, 2021.</remarks>
public sealed class RotaryEmbedding
{
    readonly int headSize;
    readonly double[] frequencies;
    readonly double amplitude;

    /// <summary>Makes the rotary embedding of a model.</summary>
    /// <param name="config">The architecture.</param>
    public RotaryEmbedding(Qwen2Config config)
    {
        headSize = config.HeadSize;
        frequencies = new double[headSize / 2];
        for (var pair = 0; pair < frequencies.Length; pair++)
            frequencies[pair] = Math.Pow(config.RopeTheta, -2.0 * pair / headSize);
        amplitude = config.RopeScaling?.AttentionFactor ?? 1;
        if (config.RopeScaling is { Kind: RopeScalingKind.Linear } linear)
            for (var pair = 0; pair < frequencies.Length; pair++)
                frequencies[pair] /= linear.Factor;
        else if (config.RopeScaling is { Kind: RopeScalingKind.Yarn } yarn)
            Stretch(yarn, config.RopeTheta);
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
                var (sine, cosine) = Math.SinCos((firstPosition + row) * frequencies[pair]);
                cosines[pair] = (float)(cosine * amplitude);
                sines[pair] = (float)(sine * amplitude);
            }
        }
    }

    // YaRN: frequency · (1 − r + r / factor), where r climbs from 0 at the last pair that rotates often to 1 at the
    // first pair that rotates rarely.
    void Stretch(RopeScaling yarn, double theta)
    {
        var first = PairOf(yarn.BetaFast, yarn.OriginalPositions, theta);
        var last = PairOf(yarn.BetaSlow, yarn.OriginalPositions, theta);
        if (yarn.Truncates)
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        (first, last) = (Math.Max(first, 0), Math.Min(last, headSize - 1));
        // As the reference has it, so that the ramp has a slope.
        if (first == last)
            last += 0.001;
        for (var pair = 0; pair < frequencies.Length; pair++)
        {
            var ramp = Math.Clamp((pair - first) / (last - first), 0, 1);
            frequencies[pair] *= 1 - ramp + ramp / yarn.Factor;
        }
    }

    // The m, not a whole number, for which positions · theta^(−2m/c) = 2π · turns.
    double PairOf(double turns, int positions, double theta) =>
        headSize * Math.Log(positions / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
}
