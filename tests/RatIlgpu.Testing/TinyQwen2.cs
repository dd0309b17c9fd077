using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>A small checkpoint of Qwen2, or of another family, with random weights, in a folder that lives as long as
/// this.</summary>
public sealed class TinyQwen2 : IDisposable
{
    readonly Checkpoint checkpoint;
    readonly TemporaryFolder folder = new();

    /// <summary>Makes a checkpoint.</summary>
    /// <param name="config">The sizes; null for <see cref="Small"/>.</param>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="format">How the weights are stored.</param>
    /// <param name="change">Changes the numbers of a weight, which it is given by name, before they are written; null
    /// for none.</param>
    public TinyQwen2(
        Qwen2Config? config = null,
        int seed = 1,
        DataType format = DataType.BF16,
        Action<string, float[]>? change = null)
    {
        Config = config ?? Small;
        SafetensorsWriter.Write(folder.Path("model.safetensors"), Weights(Config, new Random(seed), format, change));
        checkpoint = Checkpoint.Open(folder.Root);
    }

    /// <summary>Gets a configuration with grouped heads and a head size that is no divisor of the width.</summary>
    public static Qwen2Config Small { get; } = new()
    {
        HiddenSize = 40,
        IntermediateSize = 56,
        LayerCount = 3,
        HeadCount = 6,
        KeyValueHeadCount = 2,
        HeadSize = 8,
        VocabularySize = 97,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 10000,
        TiesEmbeddings = true,
        MaxPositions = 1024,
    };

    /// <summary>Gets a configuration with the parts of Qwen3: no biases, and a norm of each head of queries and
    /// keys.</summary>
    public static Qwen2Config Qwen3 { get; } = Small with { HeadSize = 10, HasBiases = false, NormsHeads = true };

    /// <summary>Gets a configuration with the parts of Llama 3: no biases, and scaled frequencies.</summary>
    public static Qwen2Config Llama { get; } = Small with
    {
        HasBiases = false,
        RopeScaling = new() { Kind = RopeScalingKind.Llama3, Factor = 8, OriginalPositions = 32 },
    };

    /// <summary>Gets a configuration with the parts of Mistral: no biases, and a window in every layer.</summary>
    public static Qwen2Config Mistral { get; } =
        Small with { HasBiases = false, SlidingWindow = 5, MaxWindowLayers = 0 };

    /// <summary>Gets a configuration of each family, by its <c>model_type</c>.</summary>
    public static ImmutableSortedDictionary<string, Qwen2Config> Families { get; } =
        ImmutableSortedDictionary.CreateRange<string, Qwen2Config>(
            [new("qwen2", Small), new("qwen3", Qwen3), new("llama", Llama), new("mistral", Mistral)]);

    /// <summary>Gets the sizes.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Gets the folder with the weights.</summary>
    public string Folder => folder.Root;

    /// <summary>Puts the model on a device.</summary>
    public Qwen2Model On(Device device) => new(Config, checkpoint, device);

    /// <summary>Puts the model on a device, with a tokenizer.</summary>
    public LanguageModel On(Device device, Tokenizer tokenizer)
    {
        File.WriteAllText(folder.Path("config.json"), Json(Config));
        return LanguageModel.Load(Folder, device, tokenizer);
    }

    /// <summary>Writes a configuration with tied embeddings and unscaled positions as a
    /// <c>config.json</c>.</summary>
    public static string Json(Qwen2Config config) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"model_type": "{{(config.HasBiases ? "qwen2" : config.NormsHeads ? "qwen3" : "llama")}}",
         "hidden_size": {{config.HiddenSize}}, "head_dim": {{config.HeadSize}},
         "intermediate_size": {{config.IntermediateSize}}, "num_hidden_layers": {{config.LayerCount}},
         "num_attention_heads": {{config.HeadCount}}, "num_key_value_heads": {{config.KeyValueHeadCount}},
         "vocab_size": {{config.VocabularySize}}, "rope_theta": {{config.RopeTheta}}, "tie_word_embeddings": true}
        """);

    /// <summary>Makes a prompt of random tokens.</summary>
    public int[] Prompt(int length, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(Config.VocabularySize))];
    }

    /// <summary>Deletes the checkpoint.</summary>
    public void Dispose()
    {
        checkpoint.Dispose();
        folder.Dispose();
    }

    static IEnumerable<SafetensorsTensor> Weights(
        Qwen2Config config, Random random, DataType format, Action<string, float[]>? change)
    {
        var scale = 1.2f / MathF.Sqrt(config.HiddenSize);
        foreach (var (name, shape) in Qwen2Layout.Tensors(config))
        {
            var (mean, spread) = name switch
            {
                _ when name.EndsWith("norm.weight", StringComparison.Ordinal) => (1, 0.2f),
                _ when name.EndsWith(".bias", StringComparison.Ordinal) => (0, 0.3f),
                _ when name.Contains("embed", StringComparison.Ordinal) => (0, 0.5f),

                // Queries and keys that are larger make patterns that are not flat.
                _ when name.Contains("q_proj", StringComparison.Ordinal) => (0, 2 * scale),
                _ when name.Contains("k_proj", StringComparison.Ordinal) => (0, 2 * scale),
                _ => (0, scale),
            };
            var numbers = new float[shape.Count];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = mean + spread * Normal();
            change?.Invoke(name, numbers);
            yield return SafetensorsTensor.Of(name, format, shape, numbers);
        }

        float Normal() =>
            MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
    }
}
