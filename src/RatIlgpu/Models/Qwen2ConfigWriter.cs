using System.Text.Json;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>Writes the <c>config.json</c> of a Qwen2 model that a program makes.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class Qwen2ConfigWriter
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Returns the text of the file.</summary>
    /// <param name="config">The sizes of a model with biases, without head norms, windows or scaled positions.</param>
    /// <param name="format">How its weights are stored.</param>
    /// <exception cref="ArgumentException">The model is another than Qwen2, or has windows or scaled
    /// positions.</exception>
    public static string Write(Qwen2Config config, DataType format)
    {
        if (config is not { HasBiases: true, NormsHeads: false, RopeScaling: null, SlidingWindow: null })
            throw new ArgumentException(
                "The config has no biases, or it has head norms, scaled positions or a window; expected a Qwen2 model "
                + "without these.");
        var fields = new Dictionary<string, object>
        {
            ["architectures"] = new[] { "Qwen2ForCausalLM" },
            ["model_type"] = "qwen2",
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["num_key_value_heads"] = config.KeyValueHeadCount,
            ["vocab_size"] = config.VocabularySize,
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["tie_word_embeddings"] = config.TiesEmbeddings,
            ["max_position_embeddings"] = config.MaxPositions,
            ["torch_dtype"] = format switch
            {
                DataType.F64 => "float64",
                DataType.F32 => "float32",
                DataType.F16 => "float16",
                _ => "bfloat16",
            },
        };
        if (config.HeadSize * config.HeadCount != config.HiddenSize)
            fields["head_dim"] = config.HeadSize;
        return JsonSerializer.Serialize(fields, Indented);
    }
}
