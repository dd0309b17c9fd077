using System.Globalization;
using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>A small Qwen2 checkpoint with random weights, in a folder that lives as long as this.</summary>
public sealed class TinyQwen2 : IDisposable
{
    readonly Checkpoint checkpoint;
    readonly string folder = Directory.CreateTempSubdirectory("ratilgpu-").FullName;

    /// <summary>Makes a checkpoint.</summary>
    /// <param name="config">The sizes; null for <see cref="Small"/>.</param>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="format">How the weights are stored.</param>
    public TinyQwen2(Qwen2Config? config = null, int seed = 1, NumberFormat format = NumberFormat.BF16)
    {
        Config = config ?? Small;
        var path = Path.Combine(folder, "model.safetensors");
        SafetensorsWriter.Write(path, Weights(Config, new Random(seed), format));
        checkpoint = Checkpoint.Open(folder);
    }

    /// <summary>Gets a configuration with grouped heads and a head size that is no divisor of the width.</summary>
    public static Qwen2Config Small { get; } = new()
    {
        HiddenSize = 40,
        IntermediateSize = 56,
        LayerCount = 3,
        HeadCount = 6,
        KeyHeadCount = 2,
        HeadSize = 8,
        VocabularySize = 97,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 10000,
        TiesEmbeddings = true,
        MaxPositions = 1024,
    };

    /// <summary>Gets the sizes.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Puts the model on a device.</summary>
    public Qwen2Model On(Device device) => new(Config, checkpoint, device);

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
        Directory.Delete(folder, recursive: true);
    }

    static IEnumerable<SafetensorsTensor> Weights(Qwen2Config config, Random random, NumberFormat format)
    {
        var (width, inner, scale) = (config.HiddenSize, config.IntermediateSize, 1.2f / MathF.Sqrt(config.HiddenSize));
        var (queries, keys) = (config.HeadCount * config.HeadSize, config.KeyHeadCount * config.HeadSize);
        yield return Of("model.embed_tokens.weight", 0, 0.5f, config.VocabularySize, width);
        yield return Of("model.norm.weight", 1, 0.2f, width);
        if (!config.TiesEmbeddings)
            yield return Of("lm_head.weight", 0, 0.1f, config.VocabularySize, width);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}.");
            yield return Of(prefix + "input_layernorm.weight", 1, 0.2f, width);
            yield return Of(prefix + "post_attention_layernorm.weight", 1, 0.2f, width);
            yield return Of(prefix + "self_attn.q_proj.weight", 0, 2 * scale, queries, width);
            yield return Of(prefix + "self_attn.q_proj.bias", 0, 0.3f, queries);
            yield return Of(prefix + "self_attn.k_proj.weight", 0, 2 * scale, keys, width);
            yield return Of(prefix + "self_attn.k_proj.bias", 0, 0.3f, keys);
            yield return Of(prefix + "self_attn.v_proj.weight", 0, scale, keys, width);
            yield return Of(prefix + "self_attn.v_proj.bias", 0, 0.3f, keys);
            yield return Of(prefix + "self_attn.o_proj.weight", 0, scale, width, queries);
            yield return Of(prefix + "mlp.gate_proj.weight", 0, scale, inner, width);
            yield return Of(prefix + "mlp.up_proj.weight", 0, scale, inner, width);
            yield return Of(prefix + "mlp.down_proj.weight", 0, scale, width, inner);
        }

        SafetensorsTensor Of(string name, float mean, float spread, params ReadOnlySpan<int> shape)
        {
            var size = new Shape(shape);
            var numbers = new float[size.Count];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = mean + spread * Normal();
            return SafetensorsTensor.Of(name, format, size, numbers);
        }

        float Normal() =>
            MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
    }
}
