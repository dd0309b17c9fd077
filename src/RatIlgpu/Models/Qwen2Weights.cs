using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>The weights of a model, on its device and in the format in which they are stored.</summary>
/// <remarks>Matrices are <c>[outputs, inputs]</c>: a layer computes <c>y = x Wᵀ + b</c>. TransformerLens, whose names
/// are in brackets, keeps them as <c>[inputs, outputs]</c> and by head. The tensors are the model's: they must be
/// neither written nor disposed, and not be used after the model was disposed. Rows are read with
/// <see cref="Device.Gather"/>.</remarks>
public sealed class Qwen2Weights
{
    readonly WeightSource source;
    readonly UnembeddingSource head;
    readonly Dictionary<string, Tensor> placed = [];
    readonly Tensor? unembedding;

    internal Qwen2Weights(Qwen2Config config, Checkpoint checkpoint, Device device)
    {
        source = new(checkpoint);
        head = UnembeddingSource.Of(config, source);
        Config = config with { TiesEmbeddings = head.IsTied };
        try
        {
            foreach (var (name, shape) in Qwen2Layout.Tensors(Config))
                if (name != TensorNames.Unembedding || head.IsThere)
                    placed.Add(name, device.Load(source.Weight(head.StoredAs(name), shape)));
        }
        catch
        {
            Free();
            throw;
        }

        Embedding = placed[TensorNames.Embedding];
        FinalGain = placed["model.norm.weight"];
        unembedding = head.IsTied ? Embedding : placed.GetValueOrDefault(TensorNames.Unembedding);
        Layers = [.. Enumerable.Range(0, config.LayerCount).Select(Layer)];
        Notices = [.. source.Notices, .. head.Notice is { } notice ? (string[])[notice] : []];
    }

    /// <summary>Gets the sizes of the model, with the unembedding that the checkpoint has.</summary>
    internal Qwen2Config Config { get; }

    /// <summary>Gets what a user should know about the checkpoint; usually nothing.</summary>
    internal ImmutableArray<string> Notices { get; }

    /// <summary>Gets the token embeddings (<c>W_E</c>), <c>[vocabulary, width]</c>.</summary>
    public Tensor Embedding { get; }

    /// <summary>Gets the gain of the norm before the unembedding (<c>ln_final.w</c>), <c>[width]</c>.</summary>
    public Tensor FinalGain { get; }

    /// <summary>Gets the unembedding (<c>W_U</c>), <c>[vocabulary, width]</c>; the embedding itself where the two are
    /// tied.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has none: <see cref="HasUnembedding"/> is
    /// false.</exception>
    public Tensor Unembedding =>
        unembedding ?? throw new InvalidDataException($"{source.Folder}: {UnembeddingSource.Missing}");

    /// <summary>Gets whether the checkpoint has an unembedding. Without one the model has no logits, but all that comes
    /// before.</summary>
    public bool HasUnembedding => unembedding is not null;

    /// <summary>Gets the weights of every layer, the first layer first.</summary>
    public ImmutableArray<Qwen2LayerWeights> Layers { get; }

    /// <summary>Gets every weight with its name in the checkpoint, in the order of
    /// <see cref="Qwen2Layout.Tensors"/>.</summary>
    public IEnumerable<(string Name, Tensor Weight)> All =>
        Qwen2Layout.Tensors(Config).Where(weight => placed.ContainsKey(weight.Name))
            .Select(weight => (weight.Name, placed[weight.Name]));

    /// <summary>Returns which weight of the checkpoint is first found to have a number that is NaN or infinite, and
    /// where; null if all are finite.</summary>
    /// <remarks>Reads every weight.</remarks>
    internal string? NotFinite() =>
        placed.Keys.Select(name => source.NotFinite(head.StoredAs(name))).FirstOrDefault(found => found is not null);

    internal void Free()
    {
        foreach (var tensor in placed.Values)
            tensor.Dispose();
    }

    Qwen2LayerWeights Layer(int layer)
    {
        Tensor Part(string name) => placed[Qwen2Layout.NameOf(layer, name)];
        Tensor? PartOrNull(string name) => placed.GetValueOrDefault(Qwen2Layout.NameOf(layer, name));
        return new Qwen2LayerWeights(
            Part("input_layernorm.weight"),
            Part("self_attn.q_proj.weight"),
            PartOrNull("self_attn.q_proj.bias"),
            PartOrNull("self_attn.q_norm.weight"),
            Part("self_attn.k_proj.weight"),
            PartOrNull("self_attn.k_proj.bias"),
            PartOrNull("self_attn.k_norm.weight"),
            Part("self_attn.v_proj.weight"),
            PartOrNull("self_attn.v_proj.bias"),
            Part("self_attn.o_proj.weight"),
            Part("post_attention_layernorm.weight"),
            Part("mlp.gate_proj.weight"),
            Part("mlp.up_proj.weight"),
            Part("mlp.down_proj.weight"));
    }
}

/// <summary>The weights of one layer: H query heads and K key/value heads of size c, residual width d, MLP width
/// F.</summary>
/// <param name="AttentionGain">The gain of the norm before attention (<c>ln1.w</c>), <c>[d]</c>.</param>
/// <param name="Query">The query matrix (<c>W_Q</c>), <c>[H · c, d]</c>; the rows of a head lie together.</param>
/// <param name="QueryBias">The query bias (<c>b_Q</c>), <c>[H · c]</c>; null if the model has no biases.</param>
/// <param name="QueryGain">The gain of the norm of each query head (<c>q_norm.w</c>), <c>[c]</c>; null if the model
/// does not norm heads.</param>
/// <param name="Key">The key matrix (<c>W_K</c>), <c>[K · c, d]</c>; the rows of a head lie together.</param>
/// <param name="KeyBias">The key bias (<c>b_K</c>), <c>[K · c]</c>; null if the model has no biases.</param>
/// <param name="KeyGain">The gain of the norm of each key head (<c>k_norm.w</c>), <c>[c]</c>; null if the model does
/// not norm heads.</param>
/// <param name="Value">The value matrix (<c>W_V</c>), <c>[K · c, d]</c>; the rows of a head lie together.</param>
/// <param name="ValueBias">The value bias (<c>b_V</c>), <c>[K · c]</c>; null if the model has no biases.</param>
/// <param name="Output">The output matrix of attention (<c>W_O</c>), <c>[d, H · c]</c>; the columns of a head lie
/// together.</param>
/// <param name="MlpGain">The gain of the norm before the MLP (<c>ln2.w</c>), <c>[d]</c>.</param>
/// <param name="Gate">The gate matrix of the MLP (<c>W_gate</c>), <c>[F, d]</c>.</param>
/// <param name="Up">The input matrix of the MLP (<c>W_in</c>), <c>[F, d]</c>.</param>
/// <param name="Down">The output matrix of the MLP (<c>W_out</c>), <c>[d, F]</c>.</param>
public sealed record Qwen2LayerWeights(
    Tensor AttentionGain,
    Tensor Query,
    Tensor? QueryBias,
    Tensor? QueryGain,
    Tensor Key,
    Tensor? KeyBias,
    Tensor? KeyGain,
    Tensor Value,
    Tensor? ValueBias,
    Tensor Output,
    Tensor MlpGain,
    Tensor Gate,
    Tensor Up,
    Tensor Down);
