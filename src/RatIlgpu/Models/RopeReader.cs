using RatIlgpu.Weights;

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
    public static (double Theta, RopeScaling? Scaling) Read(ConfigFields fields)
    {
        var rope = fields.Object("rope_scaling") ?? fields.Object("rope_parameters");
        var theta = rope?.Number("rope_theta", 0) ?? fields.Number("rope_theta", 0) ?? DefaultTheta;
        if (theta <= 1)
            throw fields.Refuse("rope_theta", $"is {theta}, expected a number above 1.");
        return (theta, rope is { } found ? ReadScaling(found, fields) : null);
    }

    static RopeScaling? ReadScaling(ConfigFields rope, ConfigFields fields)
    {
        foreach (var unread in (string[])["full_attention", "sliding_attention", "partial_rotary_factor"])
            if (rope.Find(unread) is not null)
                throw rope.Refuse(unread, $"is set, which no Qwen2 model is known to need and is not computed.");
        var kind = rope.Text("rope_type") is not null ? "rope_type" : "type";
        return rope.Text(kind) switch
        {
            null or "default" => null,
            "linear" => new RopeScaling { Kind = RopeScalingKind.Linear, Factor = ReadFactor(rope) },
            "yarn" => ReadYarn(rope, fields),
            var other => throw rope.Refuse(kind, $"is {Refusal.Quote(other)}, expected default, linear or yarn."),
        };
    }

    static RopeScaling ReadYarn(ConfigFields rope, ConfigFields fields)
    {
        const string Positions = "max_position_embeddings";
        var positions = fields.Whole(Positions, 1, int.MaxValue);
        var original = rope.WholeOrNull("original_" + Positions, 1, int.MaxValue) ?? positions;
        // Null is written where the ratio of the lengths is meant.
        var factor = rope.IsNull("factor") ? (double)positions / original : ReadFactor(rope);
        var attention = Positive(rope, "attention_factor") ?? DefaultAttentionFactor(rope, factor);
        if (attention > MostAttention)
            throw rope.Refuse("attention_factor", $"is {attention}, expected at most {MostAttention:N0}.");
        return new RopeScaling
        {
            Kind = RopeScalingKind.Yarn,
            Factor = factor,
            OriginalPositions = original,
            BetaFast = Positive(rope, "beta_fast") ?? 32,
            BetaSlow = Positive(rope, "beta_slow") ?? 1,
            AttentionFactor = attention,
            Truncates = rope.Flag("truncate") ?? true,
        };
    }

    // 0.1 · ln(factor) + 1, or a ratio of two such where the config weighs them.
    static double DefaultAttentionFactor(ConfigFields rope, double factor)
    {
        var (weight, other) = (rope.Number("mscale", 0) ?? 0, rope.Number("mscale_all_dim", 0) ?? 0);
        return weight > 0 && other > 0 ? Scale(factor, weight) / Scale(factor, other) : Scale(factor, 1);
    }

    static double Scale(double factor, double weight) => factor <= 1 ? 1 : 0.1 * weight * Math.Log(factor) + 1;

    static double ReadFactor(ConfigFields rope) =>
        rope.Number("factor", 1) ?? throw rope.Refuse("factor", $"is missing.");

    static double? Positive(ConfigFields rope, string name) => rope.Number(name, 0) switch
    {
        0 => throw rope.Refuse(name, $"is 0, expected a positive number."),
        var value => value,
    };
}
