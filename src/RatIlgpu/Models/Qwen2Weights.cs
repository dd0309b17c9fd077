using System.Collections.Immutable;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>The weights of a model, placed on a device as they are stored.</summary>
sealed class Qwen2Weights : IDisposable
{
    readonly Qwen2Config config;
    readonly Dictionary<string, Tensor> placed = [];

    /// <summary>Finds and places every weight a configuration asks for.</summary>
    /// <exception cref="InvalidDataException">A weight is missing or has another shape.</exception>
    public Qwen2Weights(Qwen2Config config, Checkpoint checkpoint, Device device)
    {
        this.config = config;
        try
        {
            foreach (var (name, shape) in Qwen2Layout.Tensors(config))
                placed.Add(name, device.Load(checkpoint.Tensor(name, shape)));
        }
        catch
        {
            Dispose();
            throw;
        }

        Embedding = placed["model.embed_tokens.weight"];
        FinalGain = placed["model.norm.weight"];
        Unembedding = config.TiesEmbeddings ? Embedding : placed["lm_head.weight"];
        Layers = [.. Enumerable.Range(0, config.LayerCount).Select(Layer)];
    }

    /// <summary>Gets the token embeddings, <c>[vocabulary, width]</c>.</summary>
    public Tensor Embedding { get; }

    /// <summary>Gets the gain of the last norm, <c>[width]</c>.</summary>
    public Tensor FinalGain { get; }

    /// <summary>Gets the unembedding, <c>[vocabulary, width]</c>; the embedding itself when the two are tied.</summary>
    public Tensor Unembedding { get; }

    /// <summary>Gets the layers in order.</summary>
    public ImmutableArray<Qwen2Layer> Layers { get; }

    /// <summary>Gets every weight, in the order of <see cref="Qwen2Layout"/>.</summary>
    public IEnumerable<Tensor> All => Qwen2Layout.Tensors(config).Select(weight => placed[weight.Name]);

    public void Dispose()
    {
        foreach (var tensor in placed.Values)
            tensor.Dispose();
    }

    Qwen2Layer Layer(int layer)
    {
        Tensor Part(string name) => placed[Qwen2Layout.NameOf(layer, name)];
        return new Qwen2Layer(
            Part("input_layernorm.weight"),
            Part("self_attn.q_proj.weight"),
            Part("self_attn.q_proj.bias"),
            Part("self_attn.k_proj.weight"),
            Part("self_attn.k_proj.bias"),
            Part("self_attn.v_proj.weight"),
            Part("self_attn.v_proj.bias"),
            Part("self_attn.o_proj.weight"),
            Part("post_attention_layernorm.weight"),
            Part("mlp.gate_proj.weight"),
            Part("mlp.up_proj.weight"),
            Part("mlp.down_proj.weight"));
    }
}

/// <summary>The weights of one layer; every matrix is <c>[outputs, inputs]</c>.</summary>
sealed record Qwen2Layer(
    Tensor AttentionGain,
    Tensor Query,
    Tensor QueryBias,
    Tensor Key,
    Tensor KeyBias,
    Tensor Value,
    Tensor ValueBias,
    Tensor Output,
    Tensor MlpGain,
    Tensor Gate,
    Tensor Up,
    Tensor Down);
