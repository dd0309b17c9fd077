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
    /// <exception cref="InvalidDataException">A field is damaged, or the scaling is of another kind.</exception>
    public static (double Theta, RopeScaling? Scaling) Read(JsonPart fields)
    {
        var rope = fields["rope_scaling"].OrNull ?? fields["rope_parameters"].OrNull;
        var theta = rope?["rope_theta"].OrNull ?? fields["rope_theta"];
        theta.Need(theta.IsMissing || theta.Number() > 1, "a number above 1");
        return (theta.OrNull?.Number() ?? DefaultTheta, rope is { } found ? ReadScaling(found, fields) : null);
    }

    static RopeScaling? ReadScaling(JsonPart rope, JsonPart fields)
    {
        foreach (var unread in (string[])["full_attention", "sliding_attention", "partial_rotary_factor"])
            rope[unread].Need(rope[unread].IsMissing, "none: no Qwen2 model is known to need it");
        var kind = rope["rope_type"].OrNull ?? rope["type"];
        if (kind.IsMissing || kind.Is("default"))
            return null;
        kind.Need(kind.Is("linear") || kind.Is("yarn"), "'default', 'linear' or 'yarn'");
        return kind.Is("yarn")
            ? ReadYarn(rope, fields["max_position_embeddings"])
            : new RopeScaling { Kind = RopeScalingKind.Linear, Factor = ReadFactor(rope["factor"]) };
    }

    static RopeScaling ReadYarn(JsonPart rope, JsonPart maxPositions)
    {
        var positions = maxPositions.Whole(1);
        var original = rope["original_max_position_embeddings"].OrNull?.Whole(1) ?? positions;
        // Null is written where the ratio of the lengths is meant.
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
