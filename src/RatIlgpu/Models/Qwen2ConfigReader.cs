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
    /// <exception cref="InvalidDataException">It is not of a model that is computed here.</exception>
    public static Qwen2Config Read(JsonPart fields)
    {
        var family = ReadFamily(fields);
        var layers = Size(fields["num_hidden_layers"], 32, MostLayers);
        var window = family.ReadWindow(fields);
        var (heads, keyHeads, headSize) = ReadHeads(fields, family);
        var positions = Size(fields["max_position_embeddings"], family.MaxPositions);
        var (theta, scaling) = RopeReader.Read(fields, positions);
        return new Qwen2Config
        {
            HiddenSize = HiddenSize(fields),
            IntermediateSize = Size(fields["intermediate_size"], family.IntermediateSize),
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = keyHeads,
            HeadSize = headSize,
            HasBiases = family.HasBiases,
            NormsHeads = family.NormsHeads,
            VocabularySize = Size(fields["vocab_size"], family.VocabularySize),
            RmsNormEpsilon = ReadEpsilon(fields["rms_norm_eps"]),
            RopeTheta = theta,
            RopeScaling = scaling,
            TiesEmbeddings = fields["tie_word_embeddings"].OrNull?.Flag() ?? false,
            MaxPositions = positions,
            BosTokenId = fields["bos_token_id"] is { IsAbsent: false } bos ? bos.OrNull?.Whole(0) : family.BosTokenId,
            EosTokenIds = ReadEndTokens(fields["eos_token_id"], family.EosTokenId),
            SlidingWindow = window,
            MaxWindowLayers = family.FirstSlidingLayer(fields),
            SlidingLayers =
            [
                .. (fields["layer_types"].OrNull?.Items(layers) ?? [])
                    .Select(type => family.Slides(type, window.HasValue)),
            ],
        };
    }

    static ModelFamily ReadFamily(JsonPart fields)
    {
        var family = ModelFamily.Read(fields["model_type"]);
        fields["hidden_act"].OrNull?.Need("silu");
        ModelKind.Check(fields);
        fields["torch_dtype"].OrNull?.Text();
        fields["dtype"].OrNull?.Text();
        family.CheckBiases(fields);
        return family;
    }

    static (int Heads, int KeyHeads, int HeadSize) ReadHeads(JsonPart fields, ModelFamily family)
    {
        var count = fields["num_attention_heads"];
        var heads = Size(count, 32);
        var shared = fields["num_key_value_heads"];
        var keyHeads = (shared.IsAbsent ? family.KeyValueHeadCount : shared.OrNull?.Whole(1, MostWidth)) ?? heads;
        count.Need(heads % keyHeads == 0, $"a multiple of num_key_value_heads {keyHeads}");
        var size = fields["head_dim"];
        if ((size.IsAbsent ? family.HeadSize : size.OrNull?.Whole(1, MostWidth)) is { } headSize)
        {
            size.Need(headSize % 2 == 0, "an even number: rotary positions turn pairs");
            var most = MostWidth / heads;
            size.Need(headSize <= most, FormattableString.Invariant($"at most {most:N0} for {heads} heads"));
            return (heads, keyHeads, headSize);
        }

        size.Need(family.HeadSize is null, "a whole number");

        var width = HiddenSize(fields);
        fields["hidden_size"].Need(
            width % (2L * heads) == 0, $"an even multiple of num_attention_heads {heads}: rotary positions turn pairs");
        return (heads, keyHeads, width / heads);
    }

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

    static ValueArray<int> ReadEndTokens(JsonPart tokens, int? otherwise) =>
        EndTokens.Read(tokens) ?? (tokens.IsAbsent && otherwise is { } token ? [token] : []);
}
