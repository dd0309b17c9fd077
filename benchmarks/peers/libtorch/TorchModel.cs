using RatIlgpu.Models;
using RatIlgpu.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace RatIlgpu.Peers;

/// <summary>Qwen2 in libtorch, in float32: the operations of Hugging Face in their order.</summary>
sealed class TorchModel : IDisposable
{
    readonly Qwen2Config config;
    readonly Dictionary<string, Tensor> weights = [];

    /// <summary>Reads the weights of a folder, widened to float32.</summary>
    public TorchModel(string folder)
    {
        config = Qwen2Config.Read(folder);
        using var checkpoint = Checkpoint.Open(folder);
        foreach (var (name, _) in Qwen2Layout.Tensors(config))
            weights[name] = Widened(checkpoint, name);
    }

    /// <summary>Gets the sizes.</summary>
    public Qwen2Config Config => config;

    /// <summary>Runs all layers with every attention matrix kept, and makes the logits of all positions, as eager
    /// attention does with <c>output_attentions=True</c>.</summary>
    /// <param name="ids">The token ids.</param>
    /// <param name="attended">0 for each key that is masked, as padding is; null where none is.</param>
    /// <returns>Logits <c>[1, T, V]</c>, and of each layer the attention <c>[1, H, T, T]</c>.</returns>
    public (Tensor Logits, List<Tensor> Attentions) Eager(int[] ids, int[]? attended = null)
    {
        var attentions = new List<Tensor>();
        using var full = Mask(ids.Length, attended);
        using var windowed = config.SlidingWindow is { } window ? Mask(ids.Length, attended, window) : null;
        var hidden = Layers(ids, (query, key, value, layer) =>
        {
            var mask = config.WindowOf(layer) < int.MaxValue ? windowed! : full;
            var (mixed, attention) = Attend(query, key, value, mask);
            attentions.Add(attention);
            return mixed;
        });
        return (Logits(hidden), attentions);
    }

    /// <summary>Runs all layers with <c>scaled_dot_product_attention</c>, and makes the logits of the last position.
    /// </summary>
    /// <returns>Logits <c>[1, 1, V]</c>.</returns>
    public Tensor Last(int[] ids)
    {
        using var windowed = config.SlidingWindow is { } window ? Mask(ids.Length, null, window) : null;
        var hidden = Layers(ids, (query, key, value, layer) => config.WindowOf(layer) < int.MaxValue
            ? functional.scaled_dot_product_attention(query, key, value, windowed)
            : functional.scaled_dot_product_attention(query, key, value, is_casual: true));
        var last = hidden.slice(1, ids.Length - 1, ids.Length, 1);
        hidden.Dispose();
        return Logits(last);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in weights.Values)
            weight.Dispose();
    }

    static Tensor Widened(Checkpoint checkpoint, string name)
    {
        var stored = checkpoint.Tensor(name);
        var type = stored.DataType switch
        {
            Tensors.DataType.F32 => ScalarType.Float32,
            Tensors.DataType.F16 => ScalarType.Float16,
            Tensors.DataType.BF16 => ScalarType.BFloat16,
            _ => throw new InvalidDataException($"{name} is {stored.DataType}, expected F32, F16 or BF16."),
        };
        long[] shape = [.. Enumerable.Range(0, stored.Shape.Rank).Select(axis => (long)stored.Shape[axis])];
        using var tensor = empty(shape, type);
        tensor.bytes = stored.AsSpan<byte>(0, checked((int)(stored.Shape.Count * tensor.ElementSize)));
        return tensor.to(ScalarType.Float32, copy: true);
    }

    // Returns the stream after the last layer, [1, T, width]; attend mixes values, [1, H, T, size] of each.
    Tensor Layers(int[] ids, Func<Tensor, Tensor, Tensor, int, Tensor> attend)
    {
        using var rows = tensor(ids, ScalarType.Int64);
        var (cos, sin) = Rotary(ids.Length);
        using var first = weights["model.embed_tokens.weight"].index_select(0, rows);
        var hidden = first.unsqueeze(0);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var at = layer;
            Add(ref hidden, Attention(hidden, layer, cos, sin, (query, key, value) => attend(query, key, value, at)));
            Add(ref hidden, Mlp(hidden, layer));
        }

        cos.Dispose();
        sin.Dispose();
        return hidden;
    }

    Tensor Attention(
        Tensor hidden, int layer, Tensor cos, Tensor sin, Func<Tensor, Tensor, Tensor, Tensor> attend)
    {
        using var normed = Norm(hidden, Qwen2Layout.NameOf(layer, "input_layernorm"));
        var query = Split(normed, layer, "q_proj", config.HeadCount);
        var key = Split(normed, layer, "k_proj", config.KeyValueHeadCount);
        var value = Split(normed, layer, "v_proj", config.KeyValueHeadCount);
        Replace(ref query, Rotate(query, cos, sin));
        Replace(ref key, Rotate(key, cos, sin));
        Replace(ref key, Repeat(key));
        Replace(ref value, Repeat(value));
        using var mixed = attend(query, key, value);
        query.Dispose();
        key.Dispose();
        value.Dispose();
        using var turned = mixed.transpose(1, 2);
        using var whole = turned.contiguous();
        using var flat = whole.reshape(1, hidden.shape[1], config.HeadCount * config.HeadSize);
        return Linear(flat, Qwen2Layout.NameOf(layer, "self_attn.o_proj"));
    }

    (Tensor Mixed, Tensor Attention) Attend(Tensor query, Tensor key, Tensor value, Tensor mask)
    {
        using var turned = key.transpose(2, 3);
        var scores = matmul(query, turned);
        Replace(ref scores, scores * double.Pow(config.HeadSize, -0.5));
        Replace(ref scores, scores + mask);
        var attention = functional.softmax(scores, -1, ScalarType.Float32);
        scores.Dispose();
        return (matmul(attention, value), attention);
    }

    Tensor Mlp(Tensor hidden, int layer)
    {
        using var normed = Norm(hidden, Qwen2Layout.NameOf(layer, "post_attention_layernorm"));
        var gated = Linear(normed, Qwen2Layout.NameOf(layer, "mlp.gate_proj"));
        Replace(ref gated, functional.silu(gated));
        using var up = Linear(normed, Qwen2Layout.NameOf(layer, "mlp.up_proj"));
        Replace(ref gated, gated * up);
        var result = Linear(gated, Qwen2Layout.NameOf(layer, "mlp.down_proj"));
        gated.Dispose();
        return result;
    }

    Tensor Logits(Tensor hidden)
    {
        using var normed = Norm(hidden, "model.norm");
        hidden.Dispose();
        return functional.linear(
            normed, weights[config.TiesEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"]);
    }

    Tensor Linear(Tensor x, string name) =>
        functional.linear(x, weights[name + ".weight"], weights.GetValueOrDefault(name + ".bias"));

    Tensor Norm(Tensor x, string name)
    {
        using var squares = x.pow(2);
        using var mean = squares.mean([-1], keepdim: true);
        using var shifted = mean + config.RmsNormEpsilon;
        using var scale = shifted.rsqrt();
        using var normed = x * scale;
        return weights[name + ".weight"] * normed;
    }

    Tensor Split(Tensor x, int layer, string name, int heads)
    {
        using var flat = Linear(x, Qwen2Layout.NameOf(layer, "self_attn." + name));
        using var split = flat.view(1, x.shape[1], heads, config.HeadSize);
        return split.transpose(1, 2);
    }

    // Gives each query head a copy of its key head: [1, KV, T, size] to [1, H, T, size].
    Tensor Repeat(Tensor x)
    {
        var (length, size) = (x.shape[2], x.shape[3]);
        using var apart = x.unsqueeze(2);
        using var wide = apart.expand(1, config.KeyValueHeadCount, config.GroupSize, length, size);
        return wide.reshape(1, config.HeadCount, length, size);
    }

    static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        var size = x.shape[^1];
        using var low = x.slice(-1, 0, size / 2, 1);
        using var high = x.slice(-1, size / 2, size, 1);
        using var negative = -high;
        using var turned = cat([negative, low], -1);
        using var straight = x * cos;
        using var across = turned * sin;
        return straight + across;
    }

    (Tensor Cos, Tensor Sin) Rotary(int length)
    {
        using var steps = arange(0, config.HeadSize, 2, ScalarType.Float32);
        using var powers = steps / config.HeadSize;
        using var divisors = pow(config.RopeTheta, powers);
        using var frequencies = 1.0 / divisors;
        using var positions = arange(length, ScalarType.Float32);
        using var half = outer(positions, frequencies);
        using var angles = cat([half, half], -1);
        return (angles.cos(), angles.sin());
    }

    // Returns what is added to scores, [1, 1, T, T]: 0 where a query may look, the least number where not.
    static Tensor Mask(int length, int[]? attended, int window = int.MaxValue)
    {
        var numbers = new float[length * length];
        for (var query = 0; query < length; query++)
            for (var key = 0; key < length; key++)
                if (key > query || query - key >= window || attended?[key] == 0)
                    numbers[query * length + key] = float.MinValue;
        return tensor(numbers, [1, 1, length, length]);
    }

    static void Add(ref Tensor stream, Tensor change)
    {
        Replace(ref stream, stream + change);
        change.Dispose();
    }

    static void Replace(ref Tensor old, Tensor made)
    {
        var before = old;
        old = made;
        before.Dispose();
    }
}
