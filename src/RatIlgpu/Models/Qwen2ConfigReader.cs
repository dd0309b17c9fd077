using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>Turns the fields of a <c>config.json</c> into a config; absent ones mean what they do to Hugging
/// Face.</summary>
static class Qwen2ConfigReader
{
    // Far beyond any model, and small enough that a product of two sizes and a format's bytes fits 63 bits.
    const int MostWidth = 1 << 24;
    const int MostLayers = 10_000;

    /// <summary>Reads a config.</summary>
    /// <exception cref="InvalidDataException">It is not of a Qwen2 model that is computed here.</exception>
    public static Qwen2Config Read(ConfigFields fields)
    {
        CheckKind(fields);
        var layers = fields.Whole("num_hidden_layers", 1, MostLayers);
        var window = fields.Flag("use_sliding_window") == true ? ReadWindow(fields) : null;
        var (heads, keyHeads, headSize) = ReadHeads(fields);
        var (theta, scaling) = RopeReader.Read(fields);
        return new Qwen2Config
        {
            HiddenSize = fields.Whole("hidden_size", 1, MostWidth),
            IntermediateSize = fields.Whole("intermediate_size", 1, MostWidth),
            LayerCount = layers,
            HeadCount = heads,
            KeyHeadCount = keyHeads,
            HeadSize = headSize,
            VocabularySize = fields.Whole("vocab_size", 1, MostWidth),
            RmsNormEpsilon = ReadEpsilon(fields),
            RopeTheta = theta,
            RopeScaling = scaling,
            TiesEmbeddings = fields.Flag("tie_word_embeddings") ?? false,
            MaxPositions = fields.Whole("max_position_embeddings", 1, MostWidth),
            BosTokenId = fields.WholeOrNull("bos_token_id", 0, int.MaxValue),
            EosTokenIds = ReadEndTokens(fields),
            SlidingWindow = window,
            MaxWindowLayers = fields.WholeOrNull("max_window_layers", 0, int.MaxValue) ?? 28,
            SlidingLayers = ReadLayerTypes(fields, layers, window),
        };
    }

    static void CheckKind(ConfigFields fields)
    {
        var model = fields.Text("model_type") ?? throw fields.Refuse("model_type", $"is missing, expected qwen2.");
        if (model != "qwen2")
            throw fields.Refuse("model_type", $"is {Refusal.Quote(model)}, expected qwen2, the only model computed.");
        if (fields.Text("hidden_act") is { } activation && activation != "silu")
            throw fields.Refuse("hidden_act", $"is {Refusal.Quote(activation)}, expected silu.");
        if (fields.Find("quantization_config") is not null)
            throw fields.Refuse("quantization_config", $"is set; weights must be F32, F16 or BF16, not quantized.");
        fields.Text("torch_dtype");
        fields.Text("dtype");
    }

    static (int Heads, int KeyHeads, int HeadSize) ReadHeads(ConfigFields fields)
    {
        var heads = fields.Whole("num_attention_heads", 1, MostWidth);
        var keyHeads = fields.WholeOrNull("num_key_value_heads", 1, MostWidth) ?? heads;
        if (heads % keyHeads != 0)
            throw fields.Refuse(
                "num_attention_heads", $"is {heads}, not a multiple of num_key_value_heads {keyHeads}.");
        var headSize = fields.WholeOrNull("head_dim", 1, MostWidth);
        if (headSize is null)
        {
            var hidden = fields.Whole("hidden_size", 1, MostWidth);
            if (hidden % heads != 0)
                throw fields.Refuse("hidden_size", $"is {hidden}, not a multiple of num_attention_heads {heads}.");
            headSize = hidden / heads;
        }

        if (headSize % 2 != 0)
            throw fields.Refuse("head_dim", $"is {headSize}, expected an even number: rotary positions turn pairs.");
        var width = (long)heads * headSize.Value;
        if (width > MostWidth)
            throw fields.Refuse("head_dim", $"· num_attention_heads is {width:N0}, expected at most {MostWidth:N0}.");
        return (heads, keyHeads, headSize.Value);
    }

    static float ReadEpsilon(ConfigFields fields)
    {
        var epsilon = fields.Number("rms_norm_eps", 0) ?? throw fields.Refuse("rms_norm_eps", $"is missing.");
        return (float)epsilon is > 0 and < float.PositiveInfinity and var single
            ? single
            : throw fields.Refuse("rms_norm_eps", $"is {epsilon}, expected a positive float.");
    }

    static ImmutableArray<int> ReadEndTokens(ConfigFields fields) =>
        fields.Find("eos_token_id") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list =>
                [.. list.EnumerateArray().Select(token => fields.Whole("eos_token_id", token, 0, int.MaxValue))],
            { } token => [fields.Whole("eos_token_id", token, 0, int.MaxValue)],
        };

    // Hugging Face's default where the field is absent; null there means no window.
    static int? ReadWindow(ConfigFields fields) =>
        fields.IsNull("sliding_window") ? null : fields.WholeOrNull("sliding_window", 1, int.MaxValue) ?? 4096;

    static ImmutableArray<bool> ReadLayerTypes(ConfigFields fields, int layers, int? window)
    {
        if (fields.List("layer_types") is not { } list)
            return [];
        ImmutableArray<bool> slides = [.. list.Select(type => Slides(fields, type, window))];
        return slides.Length == layers
            ? slides
            : throw fields.Refuse("layer_types", $"has {slides.Length} layers, but num_hidden_layers is {layers}.");
    }

    static bool Slides(ConfigFields fields, JsonElement type, int? window) => fields.Text("layer_types", type) switch
    {
        "full_attention" => false,
        "sliding_attention" when window is not null => true,
        "sliding_attention" => throw fields.Refuse(
            "layer_types", $"has sliding_attention, but no sliding_window is in use."),
        var other => throw fields.Refuse(
            "layer_types", $"has {Refusal.Quote(other)}, expected full_attention or sliding_attention."),
    };
}
