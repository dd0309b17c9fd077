using RatIlgpu.Files;

namespace RatIlgpu.Models;

/// <summary>Turns the fields of a <c>config.json</c> into a config.</summary>
/// <remarks>Absent fields have the defaults that Hugging Face publishes; docs/numerics.md lists them. So have null
/// fields, except those that Hugging Face refuses as null: the sizes and the epsilon.</remarks>
static class Qwen2ConfigReader
{
    // Far beyond any model, and small enough that a product of two sizes and a format's bytes fits 63 bits.
    const int MostWidth = 1 << 24;
    const int MostLayers = 10_000;

    /// <summary>Reads a config.</summary>
    /// <exception cref="InvalidDataException">It is not of a Qwen2 model that is computed here.</exception>
    public static Qwen2Config Read(JsonPart fields)
    {
        CheckKind(fields);
        var layers = Size(fields["num_hidden_layers"], 32, MostLayers);
        var window = fields["use_sliding_window"].OrNull?.Flag() == true ? ReadWindow(fields["sliding_window"]) : null;
        var (heads, keyHeads, headSize) = ReadHeads(fields);
        var (theta, scaling) = RopeReader.Read(fields);
        return new Qwen2Config
        {
            HiddenSize = HiddenSize(fields),
            IntermediateSize = Size(fields["intermediate_size"], 22_016),
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = keyHeads,
            HeadSize = headSize,
            VocabularySize = Size(fields["vocab_size"], 151_936),
            RmsNormEpsilon = ReadEpsilon(fields["rms_norm_eps"]),
            RopeTheta = theta,
            RopeScaling = scaling,
            TiesEmbeddings = fields["tie_word_embeddings"].OrNull?.Flag() ?? false,
            MaxPositions = MaxPositions(fields),
            BosTokenId = fields["bos_token_id"].OrNull?.Whole(0),
            EosTokenIds = ReadEndTokens(fields["eos_token_id"]),
            SlidingWindow = window,
            MaxWindowLayers = fields["max_window_layers"].OrNull?.Whole(0) ?? 28,
            SlidingLayers =
                [.. (fields["layer_types"].OrNull?.Items(layers) ?? []).Select(type => Slides(type, window.HasValue))],
        };
    }

    static void CheckKind(JsonPart fields)
    {
        var model = fields["model_type"];
        model.Need(model.Is("qwen2"), "'qwen2', the only model computed");
        fields["hidden_act"].OrNull?.Need("silu");
        var quantization = fields["quantization_config"];
        quantization.Need(quantization.IsMissing, "none: weights must be F32, F16 or BF16, not quantized");
        fields["torch_dtype"].OrNull?.Text();
        fields["dtype"].OrNull?.Text();
    }

    static (int Heads, int KeyHeads, int HeadSize) ReadHeads(JsonPart fields)
    {
        var count = fields["num_attention_heads"];
        var heads = Size(count, 32);
        var keyHeads = fields["num_key_value_heads"].OrNull?.Whole(1, MostWidth) ?? heads;
        count.Need(heads % keyHeads == 0, $"a multiple of num_key_value_heads {keyHeads}");
        var size = fields["head_dim"];
        if (size.OrNull?.Whole(1, MostWidth) is { } headSize)
        {
            size.Need(headSize % 2 == 0, "an even number: rotary positions turn pairs");
            var most = MostWidth / heads;
            size.Need(headSize <= most, FormattableString.Invariant($"at most {most:N0} for {heads} heads"));
            return (heads, keyHeads, headSize);
        }

        var width = HiddenSize(fields);
        fields["hidden_size"].Need(
            width % (2L * heads) == 0, $"an even multiple of num_attention_heads {heads}: rotary positions turn pairs");
        return (heads, keyHeads, width / heads);
    }

    /// <summary>Reads the number of positions that the model is made for.</summary>
    public static int MaxPositions(JsonPart fields) => Size(fields["max_position_embeddings"], 32_768);

    static int HiddenSize(JsonPart fields) => Size(fields["hidden_size"], 4_096);

    static int Size(JsonPart field, int otherwise, int most = MostWidth) =>
        field.IsAbsent ? otherwise : field.Whole(1, most);

    static float ReadEpsilon(JsonPart epsilon)
    {
        if (epsilon.IsAbsent)
            return 1e-6f;
        var single = (float)epsilon.Number();
        epsilon.Need(single is > 0 and < float.PositiveInfinity, "a positive float");
        return single;
    }

    static ImmutableArray<int> ReadEndTokens(JsonPart tokens)
    {
        if (tokens.IsMissing)
            return [];
        return tokens.IsList ? [.. tokens.Items().Select(token => token.Whole(0))] : [tokens.Whole(0)];
    }

    // Hugging Face's default where the field is absent; null there means no window.
    static int? ReadWindow(JsonPart window) => window.IsNull ? null : window.OrNull?.Whole(1) ?? 4096;

    static bool Slides(JsonPart type, bool hasWindow)
    {
        var slides = type.Is("sliding_attention");
        type.Need(slides || type.Is("full_attention"), "'full_attention' or 'sliding_attention'");
        type.Need(hasWindow || !slides, "'full_attention', since no sliding_window is in use");
        return slides;
    }
}

/// <summary>Reads the rotary settings of a <c>config.json</c>: <c>rope_theta</c> with <c>rope_scaling</c>, or
/// <c>rope_parameters</c>, which newer files have for both.</summary>
static class RopeReader
{
    const double DefaultTheta = 10_000;

    // Far beyond any model, and small enough for a float.
    const double MostAttention = 1_000_000;

    /// <summary>Reads the base of the frequencies and how they are scaled.</summary>
    public static (double Theta, RopeScaling? Scaling) Read(JsonPart fields)
    {
        // An empty rope_scaling stands for none, as in Hugging Face.
        var (older, newer) = (fields["rope_scaling"], fields["rope_parameters"]);
        var rope = older.IsEmptyObject ? newer.OrNull : older.OrNull ?? newer.OrNull;
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
            ? ReadYarn(rope, fields)
            : new RopeScaling { Kind = RopeScalingKind.Linear, Factor = ReadFactor(rope["factor"]) };
    }

    static RopeScaling ReadYarn(JsonPart rope, JsonPart fields)
    {
        const string Original = "original_max_position_embeddings";
        var positions = Qwen2ConfigReader.MaxPositions(fields);
        var original = (rope[Original].OrNull ?? fields[Original].OrNull)?.Whole(1) ?? positions;
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
