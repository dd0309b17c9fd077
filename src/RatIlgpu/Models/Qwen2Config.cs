using RatIlgpu.Files;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>The sizes and settings of a Qwen2 model, or of one whose layers have the same parts (Qwen3, Llama,
/// Mistral), as its <c>config.json</c> gives them.</summary>
public sealed record Qwen2Config
{
    /// <summary>Gets the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Gets the neurons of an MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Gets the number of layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Gets the number of query heads of a layer; a multiple of <see cref="KeyValueHeadCount"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Gets the number of key/value heads of a layer.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Gets the number of query heads that read one key/value head; query head h reads head h div
    /// this.</summary>
    public int GroupSize => HeadCount / KeyValueHeadCount;

    /// <summary>Gets the width of a head; even.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Gets whether queries, keys and values have biases, as in Qwen2. Default: true.</summary>
    public bool HasBiases { get; init; } = true;

    /// <summary>Gets whether each head of queries and keys is normed before it is rotated, as in Qwen3. Default:
    /// false.</summary>
    public bool NormsHeads { get; init; }

    /// <summary>Gets the rows of the embedding table, which may be more than the tokenizer has tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Gets the number added to the mean square of a row before the root is taken; positive.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Gets the base of the rotary frequencies; above 1.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Gets the scaling of the rotary frequencies; null for none.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Gets the precision in which rotary angles are computed. Default: double; no file sets it.</summary>
    public RotaryPrecision RotaryPrecision { get; init; }

    /// <summary>Gets whether the unembedding is the embedding table.</summary>
    public required bool TiesEmbeddings { get; init; }

    /// <summary>Gets the number of positions that the model is made for.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Gets the token that starts a text, where the config names one; the tokenizer may not use it.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Gets the tokens that end a text.</summary>
    public ValueArray<int> EosTokenIds { get; init; } = [];

    /// <summary>Gets the number of last keys that a query sees in a layer with a window; null for all.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Gets the first layer with a window, unless <see cref="SlidingLayers"/> says which layers have
    /// one.</summary>
    public int MaxWindowLayers { get; init; }

    /// <summary>Gets for each layer whether it has a window; empty if <see cref="MaxWindowLayers"/> decides.</summary>
    public ValueArray<bool> SlidingLayers { get; init; } = [];

    /// <summary>Reads the <c>config.json</c> of a folder.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or not of a model that is computed here.</exception>
    public static Qwen2Config Read(string folder)
    {
        var path = Path.Combine(folder, ModelContents.Config);
        return Parse(InputFile.Read(path, ModelContents.LargestConfig), path);
    }

    /// <summary>Returns what a user should know of the <c>config.json</c> of a model that was loaded.</summary>
    internal static IEnumerable<string> Notices(string folder) =>
        ModelKind.Notices(JsonPart.Read(Path.Combine(folder, ModelContents.Config), ModelContents.LargestConfig));

    /// <summary>Returns the number of last keys that a query of a layer sees, itself included;
    /// <see cref="int.MaxValue"/> for all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public int WindowOf(int layer)
    {
        if ((uint)layer >= (uint)LayerCount)
            throw new ArgumentOutOfRangeException(
                nameof(layer), $"layer {layer} asked, the model has layers 0 to {LayerCount - 1}.");
        var slides = SlidingLayers.IsEmpty ? layer >= MaxWindowLayers : SlidingLayers[layer];
        return slides ? SlidingWindow ?? int.MaxValue : int.MaxValue;
    }

    /// <summary>Reads a config, UTF-8.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or not of a model that is computed here.</exception>
    internal static Qwen2Config Parse(ReadOnlySpan<byte> json, string path) =>
        Qwen2ConfigReader.Read(JsonPart.Parse(json, path));
}
