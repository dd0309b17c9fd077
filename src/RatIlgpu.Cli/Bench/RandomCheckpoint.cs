using System.Text.Json;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Bench;

/// <summary>Makes a checkpoint of random BF16 weights, once, in a cache folder.</summary>
static class RandomCheckpoint
{
    const float Spread = 0.02f;

    /// <summary>Returns the folder of a shape's checkpoint, which is made if it is not there.</summary>
    /// <param name="name">The shape's name.</param>
    /// <param name="config">Its sizes.</param>
    /// <param name="cache">The folder that holds such checkpoints.</param>
    public static string Make(string name, Qwen2Config config, string cache)
    {
        var folder = Directory.CreateDirectory(Path.Combine(cache, name)).FullName;
        var weights = Path.Combine(folder, "model.safetensors");
        if (File.Exists(weights))
            return folder;
        File.WriteAllText(Path.Combine(folder, "config.json"), Describe(config));
        SafetensorsWriter.Write(weights, Qwen2Layout.Tensors(config).Select(Tensor));
        return folder;
    }

    static SafetensorsTensor Tensor((string Name, Shape Shape) weight)
    {
        // Uniform numbers are as good as any to multiply with, and a gigabyte of them takes seconds.
        var mean = weight.Name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0;
        var state = (ulong)weight.Name.Aggregate(17L, (hash, character) => hash * 31 + character) | 1;
        return new SafetensorsTensor(weight.Name, NumberFormat.BF16, weight.Shape, (_, numbers) =>
        {
            foreach (ref var number in numbers)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                number = mean + Spread * ((state >> 40) / (double)(1 << 23) - 1);
            }
        });
    }

    static string Describe(Qwen2Config config) => JsonSerializer.Serialize(
        new Dictionary<string, object>
        {
            ["architectures"] = new[] { "Qwen2ForCausalLM" },
            ["model_type"] = "qwen2",
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["num_key_value_heads"] = config.KeyHeadCount,
            ["vocab_size"] = config.VocabularySize,
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["tie_word_embeddings"] = config.TiesEmbeddings,
            ["max_position_embeddings"] = config.MaxPositions,
            ["torch_dtype"] = "bfloat16",
        },
        new JsonSerializerOptions { WriteIndented = true });
}
