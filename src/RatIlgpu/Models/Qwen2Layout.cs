using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The weights of a checkpoint: their names and shapes.</summary>
public static class Qwen2Layout
{
    /// <summary>Returns the names and shapes of every weight of a model; matrices are <c>[outputs,
    /// inputs]</c>.</summary>
    /// <param name="config">The sizes.</param>
    public static IEnumerable<(string Name, Shape Shape)> Tensors(Qwen2Config config)
    {
        var (width, vocabulary) = (config.HiddenSize, config.VocabularySize);
        yield return ("model.embed_tokens.weight", new(vocabulary, width));
        for (var layer = 0; layer < config.LayerCount; layer++)
            foreach (var (name, shape) in Layer(config))
                yield return (NameOf(layer, name), shape);
        yield return ("model.norm.weight", new(width));
        if (!config.TiesEmbeddings)
            yield return ("lm_head.weight", new(vocabulary, width));
    }

    /// <summary>Returns the full name of a weight of a layer.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="part">The name inside the layer, such as <c>mlp.up_proj.weight</c>.</param>
    public static string NameOf(int layer, string part) => FormattableString.Invariant($"model.layers.{layer}.{part}");

    static IEnumerable<(string Name, Shape Shape)> Layer(Qwen2Config config)
    {
        var (width, inner) = (config.HiddenSize, config.IntermediateSize);
        var (queries, keys) = (config.HeadCount * config.HeadSize, config.KeyValueHeadCount * config.HeadSize);
        yield return ("input_layernorm.weight", new(width));
        yield return ("self_attn.q_proj.weight", new(queries, width));
        if (config.HasBiases)
            yield return ("self_attn.q_proj.bias", new(queries));
        yield return ("self_attn.k_proj.weight", new(keys, width));
        if (config.HasBiases)
            yield return ("self_attn.k_proj.bias", new(keys));
        yield return ("self_attn.v_proj.weight", new(keys, width));
        if (config.HasBiases)
            yield return ("self_attn.v_proj.bias", new(keys));
        yield return ("self_attn.o_proj.weight", new(width, queries));
        if (config.NormsHeads)
        {
            yield return ("self_attn.q_norm.weight", new(config.HeadSize));
            yield return ("self_attn.k_norm.weight", new(config.HeadSize));
        }

        yield return ("post_attention_layernorm.weight", new(width));
        yield return ("mlp.gate_proj.weight", new(inner, width));
        yield return ("mlp.up_proj.weight", new(inner, width));
        yield return ("mlp.down_proj.weight", new(width, inner));
    }
}
