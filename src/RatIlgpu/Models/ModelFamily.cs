using RatIlgpu.Files;

namespace RatIlgpu.Models;

/// <summary>The models of one <c>model_type</c>: the parts of their layers, and the fields that their configs may leave
/// out, with the defaults that Hugging Face publishes.</summary>
sealed record ModelFamily
{
    static readonly ImmutableArray<ModelFamily> All =
    [
        new() { ModelType = "qwen2", HasBiases = true },
        new() { ModelType = "qwen3", NormsHeads = true, HeadSize = 128 },
        new()
        {
            ModelType = "llama", IntermediateSize = 11_008, VocabularySize = 32_000, MaxPositions = 2_048,
            BosTokenId = 1, EosTokenId = 2, Window = WindowUse.Never,
        },
        new()
        {
            ModelType = "mistral", IntermediateSize = 14_336, KeyValueHeadCount = 8, VocabularySize = 32_000,
            MaxPositions = 131_072, BosTokenId = 1, EosTokenId = 2, Window = WindowUse.InEveryLayer,
        },
    ];

    /// <summary>Gets the <c>model_type</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Gets whether queries, keys and values have biases.</summary>
    public bool HasBiases { get; init; }

    /// <summary>Gets whether each head of queries and keys is normed.</summary>
    public bool NormsHeads { get; init; }

    /// <summary>Gets the neurons of an MLP.</summary>
    public int IntermediateSize { get; init; } = 22_016;

    /// <summary>Gets the number of key/value heads; null for as many as query heads.</summary>
    public int? KeyValueHeadCount { get; init; }

    /// <summary>Gets the width of a head; null for the width of the stream divided by the heads.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Gets the rows of the embedding table.</summary>
    public int VocabularySize { get; init; } = 151_936;

    /// <summary>Gets the number of positions.</summary>
    public int MaxPositions { get; init; } = 32_768;

    /// <summary>Gets the token that starts a text.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Gets the token that ends a text.</summary>
    public int? EosTokenId { get; init; }

    /// <summary>Gets the layers that may have a window.</summary>
    public WindowUse Window { get; init; }

    /// <summary>Finds the family that a config names.</summary>
    /// <exception cref="InvalidDataException">It is not computed here.</exception>
    public static ModelFamily Read(JsonPart type)
    {
        var names = string.Join(", ", All.SkipLast(1).Select(family => $"'{family.ModelType}'"));
        return All.FirstOrDefault(family => type.Is(family.ModelType))
            ?? throw type.Unexpected($"{names} or '{All[^1].ModelType}', the models that are computed");
    }

    /// <summary>Throws if the config asks for biases that are not computed. Qwen2 always has those of queries, keys and
    /// values, and no others; its configs do not mention them.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public void CheckBiases(JsonPart fields)
    {
        if (HasBiases)
            return;
        foreach (var name in (string[])["attention_bias", "mlp_bias"])
            fields[name].Need(
                fields[name].OrNull?.Flag() != true, $"false: no biases are computed in a {ModelType} model");
    }

    /// <summary>Reads the number of last keys that a query sees in a layer with a window; null for no window.</summary>
    public int? ReadWindow(JsonPart fields)
    {
        var window = fields["sliding_window"];
        var isUsed = Window == WindowUse.InEveryLayer
            || (Window == WindowUse.WhereAsked && fields["use_sliding_window"].OrNull?.Flag() == true);
        // Null means no window; an absent field means the published one.
        return !isUsed || window.IsNull ? null : window.OrNull?.Whole(1) ?? 4_096;
    }

    /// <summary>Reads the first layer with a window.</summary>
    public int FirstSlidingLayer(JsonPart fields) =>
        Window == WindowUse.InEveryLayer ? 0 : fields["max_window_layers"].OrNull?.Whole(0) ?? 28;

    /// <summary>Reads whether a layer has a window.</summary>
    public bool Slides(JsonPart type, bool hasWindow)
    {
        var slides = type.Is("sliding_attention");
        type.Need(slides || type.Is("full_attention"), "'full_attention' or 'sliding_attention'");
        type.Need(hasWindow || !slides, "'full_attention', since no sliding_window is in use");
        type.Need(
            slides || !hasWindow || Window != WindowUse.InEveryLayer,
            $"'sliding_attention', since a {ModelType} model has its window in every layer");
        return slides;
    }
}

/// <summary>The layers that may have a window.</summary>
enum WindowUse
{
    /// <summary>Those that the config names, if it says that windows are used.</summary>
    WhereAsked,

    /// <summary>None.</summary>
    Never,

    /// <summary>All, if the config gives a window.</summary>
    InEveryLayer,
}
