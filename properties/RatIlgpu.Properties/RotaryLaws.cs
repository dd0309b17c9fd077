namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(RotaryLaws)])]
public sealed class RotaryLaws
{
    // A few roundings of floats near 1.
    const double Tolerance = 1e-6;

    internal static Arbitrary<RotaryCase> Cases { get; } = Arb.From(
        Gen.Choose(1, 64).SelectMany(half => Gen.Elements(1.5, 10_000, 1_000_000).SelectMany(theta =>
            Gen.Choose(0, 40_000).SelectMany(position => Gen.Choose(1, 9).SelectMany(count =>
                Gen.Choose(2, 40).Select(factor => new RotaryCase(half, theta, position, count, factor)))))),
        Smaller);

    [Law]
    public void Every_pair_lies_on_the_circle_of_its_amplitude(RotaryCase rotary)
    {
        foreach (var scaling in rotary.Scalings)
        {
            var (cosines, sines) = rotary.At(rotary.Position, scaling);
            var radius = scaling?.AttentionFactor ?? 1;
            for (var pair = 0; pair < rotary.Half; pair++)
                Assert.Equal(radius, Math.Sqrt(cosines[pair] * cosines[pair] + sines[pair] * sines[pair]), Tolerance);
        }
    }

    [Law]
    public void Turning_to_a_sum_is_turning_twice(RotaryCase rotary)
    {
        var (cosine, sine) = rotary.At(rotary.Position, null);
        var (nextCosine, nextSine) = rotary.At(rotary.Count, null);
        var (bothCosine, bothSine) = rotary.At(rotary.Position + rotary.Count, null);
        for (var pair = 0; pair < rotary.Half; pair++)
        {
            Assert.Equal(cosine[pair] * nextCosine[pair] - sine[pair] * nextSine[pair], bothCosine[pair], Tolerance);
            Assert.Equal(sine[pair] * nextCosine[pair] + cosine[pair] * nextSine[pair], bothSine[pair], Tolerance);
        }
    }

    [Law]
    public void Many_positions_at_once_are_the_positions_one_by_one(RotaryCase rotary)
    {
        foreach (var scaling in rotary.Scalings)
        {
            var angles = new RotaryEmbedding(rotary.Config(scaling));
            var together = new float[rotary.Count * 2 * rotary.Half];
            angles.Fill(rotary.Position, rotary.Count, together);
            var single = new float[2 * rotary.Half];
            for (var row = 0; row < rotary.Count; row++)
            {
                angles.Fill(rotary.Position + row, 1, single);
                Assert.Equal(single, together[(row * single.Length)..((row + 1) * single.Length)]);
            }
        }
    }

    [Law]
    public void A_mix_turns_no_faster_than_unscaled_and_no_slower_than_linear(RotaryCase rotary)
    {
        var unscaled = rotary.Frequencies(null);
        foreach (var mixed in (double[][])[rotary.Frequencies(rotary.Yarn), rotary.Frequencies(rotary.Llama)])
            for (var pair = 0; pair < rotary.Half; pair++)
                Assert.InRange(
                    mixed[pair], unscaled[pair] / rotary.Factor * (1 - Tolerance), unscaled[pair] * (1 + Tolerance));
    }

    [Law]
    public void A_mix_by_the_factor_one_changes_nothing(RotaryCase rotary)
    {
        foreach (var mix in (RopeScaling[])[rotary.Yarn, rotary.Llama])
            Assert.Equal(
                rotary.At(rotary.Position, null).Cosines,
                rotary.At(rotary.Position, mix with { Factor = 1, AttentionFactor = 1 }).Cosines);
    }

    static IEnumerable<RotaryCase> Smaller(RotaryCase rotary)
    {
        if (rotary.Half > 1)
            yield return rotary with { Half = rotary.Half / 2 };
        if (rotary.Position > 0)
            yield return rotary with { Position = rotary.Position / 2 };
        if (rotary.Count > 1)
            yield return rotary with { Count = rotary.Count - 1 };
        if (rotary.Factor > 2)
            yield return rotary with { Factor = rotary.Factor / 2 };
    }

    public sealed record RotaryCase(int Half, double Theta, int Position, int Count, int Factor)
    {
        public RopeScaling Yarn => new()
        {
            Kind = RopeScalingKind.Yarn,
            Factor = Factor,
            OriginalPositions = 4096,
            AttentionFactor = 0.1 * Math.Log(Factor) + 1,
        };

        public RopeScaling Llama => new()
        {
            Kind = RopeScalingKind.Llama3,
            Factor = Factor,
            OriginalPositions = 64,
        };

        public RopeScaling?[] Scalings => [null, new() { Kind = RopeScalingKind.Linear, Factor = Factor }, Yarn, Llama];

        public (float[] Cosines, float[] Sines) At(int position, RopeScaling? scaling)
        {
            var angles = new float[2 * Half];
            new RotaryEmbedding(Config(scaling)).Fill(position, 1, angles);
            return (angles[..Half], angles[Half..]);
        }

        // A pair turns by less than half a circle at position 1, so its angle there is its frequency.
        public double[] Frequencies(RopeScaling? scaling)
        {
            var (cosines, sines) = At(1, scaling);
            return [.. cosines.Zip(sines, (cosine, sine) => Math.Atan2(sine, cosine))];
        }

        public Qwen2Config Config(RopeScaling? scaling) => new()
        {
            HiddenSize = 2 * Half,
            IntermediateSize = 1,
            LayerCount = 1,
            HeadCount = 1,
            KeyValueHeadCount = 1,
            HeadSize = 2 * Half,
            VocabularySize = 1,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = Theta,
            RopeScaling = scaling,
            TiesEmbeddings = true,
            MaxPositions = 4096,
        };
    }
}
