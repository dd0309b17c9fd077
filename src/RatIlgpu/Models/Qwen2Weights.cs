using System.Collections.Immutable;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>The weights of a model, placed on a device as they are stored.</summary>
sealed class Qwen2Weights : IDisposable
{
    readonly List<Tensor> placed = [];

    /// <summary>Finds and places every weight a configuration asks for.</summary>
    /// <exception cref="InvalidDataException">A weight is missing or has another shape.</exception>
    public Qwen2Weights(Qwen2Config config, Checkpoint checkpoint, Device device)
    {
        try
        {
            var (width, vocabulary) = (config.HiddenSize, config.VocabularySize);
            Embedding = Place("model.embed_tokens.weight", vocabulary, width);
            FinalGain = Place("model.norm.weight", width);
            Unembedding = config.TiesEmbeddings ? Embedding : Place("lm_head.weight", vocabulary, width);
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(Layer)];
        }
        catch
        {
            Dispose();
            throw;
        }

        Tensor Place(string name, params ReadOnlySpan<int> shape)
        {
            var tensor = device.Place(checkpoint.Tensor(name, new Shape(shape)));
            placed.Add(tensor);
            return tensor;
        }

        Qwen2Layer Layer(int layer)
        {
            var (width, inner) = (config.HiddenSize, config.IntermediateSize);
            var (queries, keys) = (config.HeadCount * config.HeadSize, config.KeyHeadCount * config.HeadSize);
            Tensor Part(string name, params ReadOnlySpan<int> shape) => Place($"model.layers.{layer}.{name}", shape);
            return new Qwen2Layer(
                Part("input_layernorm.weight", width),
                Part("self_attn.q_proj.weight", queries, width),
                Part("self_attn.q_proj.bias", queries),
                Part("self_attn.k_proj.weight", keys, width),
                Part("self_attn.k_proj.bias", keys),
                Part("self_attn.v_proj.weight", keys, width),
                Part("self_attn.v_proj.bias", keys),
                Part("self_attn.o_proj.weight", width, queries),
                Part("post_attention_layernorm.weight", width),
                Part("mlp.gate_proj.weight", inner, width),
                Part("mlp.up_proj.weight", inner, width),
                Part("mlp.down_proj.weight", width, inner));
        }
    }

    /// <summary>Gets the token embeddings, <c>[vocabulary, width]</c>.</summary>
    public Tensor Embedding { get; }

    /// <summary>Gets the gain of the last norm, <c>[width]</c>.</summary>
    public Tensor FinalGain { get; }

    /// <summary>Gets the unembedding, <c>[vocabulary, width]</c>; the embedding itself when the two are tied.</summary>
    public Tensor Unembedding { get; }

    /// <summary>Gets the layers in order.</summary>
    public ImmutableArray<Qwen2Layer> Layers { get; }

    public void Dispose()
    {
        foreach (var tensor in placed)
            tensor.Dispose();
        placed.Clear();
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
