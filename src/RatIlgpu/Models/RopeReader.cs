using RatIlgpu.Files;

namespace RatIlgpu.Models;

/// <summary>Reads the rotary settings of a <c>config.json</c>: <c>rope_theta</c> with <c>rope_scaling</c>, or
/// <c>rope_parameters</c>, which newer files have for both.</summary>
static class RopeReader
{
    const double DefaultTheta = 10_000;

    // Far beyond any model, and small enough for a float.
    const double MostAttention = 1_000_000;

    /// <summary>Reads the base of the frequencies and how they are scaled.</summary>
    /// <param name="fields">The whole config.</param>
    /// <param name="positions">The number of positions that the model is made for.</param>
    public static (double Theta, RopeScaling? Scaling) Read(JsonPart fields, int positions)
    {
        // An empty rope_scaling stands for none, as in Hugging Face.
        var (older, newer) = (fields["rope_scaling"], fields["rope_parameters"]);
        var rope = older.IsEmptyObject ? newer.OrNull : older.OrNull ?? newer.OrNull;
        var theta = rope?["rope_theta"].OrNull ?? fields["rope_theta"];
        theta.Need(theta.IsMissing || theta.Number() > 1, "a number above 1");
        foreach (var part in (JsonPart?[])[fields["partial_rotary_factor"], rope?["partial_rotary_factor"]])
            part?.Need(part.Value.IsMissing || part.Value.Number() == 1, "1: every pair of a head is rotated");
        var scaling = rope is { } found ? ReadScaling(found, fields, positions) : null;
        return (theta.OrNull?.Number() ?? DefaultTheta, scaling);
    }

    static RopeScaling? ReadScaling(JsonPart rope, JsonPart fields, int positions)
    {
        foreach (var ofLayers in (string[])["full_attention", "sliding_attention"])
            rope[ofLayers].Need(rope[ofLayers].IsMissing, "none: no model computed here has several rotations");
        var kind = rope["rope_type"].OrNull ?? rope["type"];
        if (kind.IsMissing || kind.Is("default"))
            return null;
        if (kind.Is("linear"))
            return new RopeScaling { Kind = RopeScalingKind.Linear, Factor = ReadFactor(rope["factor"]) };
        const string Original = "original_max_position_embeddings";
        var original = (rope[Original].OrNull ?? fields[Original].OrNull)?.Whole(1) ?? positions;
        if (kind.Is("yarn"))
            return ReadYarn(rope, original, positions);
        kind.Need(kind.Is("llama3"), "'default', 'linear', 'yarn' or 'llama3'");
        return ReadLlama(rope, original);
    }

    static RopeScaling ReadYarn(JsonPart rope, int original, int positions)
    {
        // A null factor means the ratio of the two lengths.
        var factor = rope["factor"].IsNull ? (double)positions / original : ReadFactor(rope["factor"]);
        return new RopeScaling
        {
            Kind = RopeScalingKind.Yarn,
            Factor = factor,
            OriginalPositions = original,
            BetaFast = Positive(rope["beta_fast"]) ?? 32,
            BetaSlow = Positive(rope["beta_slow"]) ?? 1,
            AttentionFactor = Positive(rope["attention_factor"], MostAttention) ?? DefaultAttentionFactor(rope, factor),
            Truncates = rope["truncate"].OrNull?.Flag() ?? true,
        };
    }

    // Hugging Face has defaults for none of the factors.
    static RopeScaling ReadLlama(JsonPart rope, int original)
    {
        var (low, high) = (rope["low_freq_factor"], rope["high_freq_factor"]);
        low.Need(low.Number() > 0, "a positive number");
        high.Need(high.Number() > low.Number(), "more than low_freq_factor");
        return new RopeScaling
        {
            Kind = RopeScalingKind.Llama3,
            Factor = ReadFactor(rope["factor"]),
            OriginalPositions = original,
            LowFrequencyFactor = low.Number(),
            HighFrequencyFactor = high.Number(),
        };
    }

    // 0.1 · ln(factor) + 1, or a ratio of two such where the config weighs them.
    static double DefaultAttentionFactor(JsonPart rope, double factor)
    {
        var weight = rope["mscale"].OrNull?.Number(0, MostAttention) ?? 0;
        var other = rope["mscale_all_dim"].OrNull?.Number(0, MostAttention) ?? 0;
        return weight > 0 && other > 0 ? Scale(factor, weight) / Scale(factor, other) : Scale(factor, 1);
    }

    static double Scale(double factor, double weight) => factor <= 1 ? 1 : 0.1 * weight * Math.Log(factor) + 1;

    static double ReadFactor(JsonPart factor)
    {
        factor.Need(factor.Number() >= 1, "a number of at least 1");
        return factor.Number();
    }

    static double? Positive(JsonPart part, double most = double.MaxValue)
    {
        part.Need(part.IsMissing || part.Number() is > 0 and var number && number <= most, most < double.MaxValue
            ? FormattableString.Invariant($"a positive number up to {most:N0}")
            : "a positive number");
        return part.OrNull?.Number();
    }
}
