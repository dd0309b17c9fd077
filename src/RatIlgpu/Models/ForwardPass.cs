using RatIlgpu.Tensors;
using Shown = (RatIlgpu.Site Site, RatIlgpu.Tensors.Tensor Activation);

namespace RatIlgpu.Models;

/// <summary>The forward pass of Qwen2: every activation is yielded after it is computed and before it is read. The
/// reader of the sequence may look at an activation, overwrite it, or stop. An activation that nobody looks at may be
/// left out.</summary>
/// <remarks>The iterators are nested as the model is: layers, blocks of positions, sublayers.</remarks>
sealed class ForwardPass(
    Qwen2Config config,
    Qwen2Weights weights,
    Device device,
    Sequence sequence,
    ShownSites shown)
{
    // A layer runs in blocks of this many positions unless its inside is needed at all positions at once: memory then
    // does not grow with the prompt. Attention is causal, so a block needs no later one. Matrix products of more than
    // 256 rows are not faster.
    const int BlockRows = 256;

    readonly float epsilon = config.RmsNormEpsilon;

    /// <summary>Runs the model over the sequence, with logits at the last <paramref name="count"/> positions. The
    /// reader disposes the logits.</summary>
    public IEnumerable<Shown> Run(int[] ids, int count)
    {
        // x = E[token]
        device.Gather(weights.Embedding, ids, sequence.Residual);
        return RunFrom(new(Activation.ResidualBefore, 0), count).Prepend((Site.Embedding, sequence.Residual));
    }

    /// <summary>Runs the model from the residual stream that the sequence holds before a layer, in its middle or after
    /// it, with logits as in <see cref="Run"/>.</summary>
    public IEnumerable<Shown> RunFrom(Site start, int count)
    {
        for (var layer = start.Layer; layer < config.LayerCount; layer++)
        {
            var from = layer == start.Layer ? start.Activation : Activation.ResidualBefore;
            if (from == Activation.ResidualBefore)
                yield return (new(from, layer), sequence.Residual);
            if (from != Activation.ResidualAfter)
                foreach (var site in Inner(layer, from, count))
                    yield return site;
            yield return (new(Activation.ResidualAfter, layer), sequence.Residual);
        }

        if (count == 0)
            yield break;

        // logits = (g ⊙ x / sqrt(mean(x²) + ε)) Uᵀ
        var last = sequence.Last(count);
        using var final = device.Allocate(last.Shape);
        device.RmsNorm(last, weights.FinalGain, epsilon, final);
        yield return (Site.FinalNorm, final);
        var logits = device.Allocate(last.Shape[0], config.VocabularySize);
        device.Linear(final, weights.Unembedding, null, logits);
        yield return (Site.Logits, logits);
    }

    IEnumerable<Shown> Inner(int layer, Activation from, int count)
    {
        var w = weights.Layers[layer];
        // In the last layer only K and V are needed at positions without requested logits.
        var all = layer < config.LayerCount - 1 || shown.NeedsQueries(layer);
        foreach (var block in Blocks(layer))
        {
            var asked = all ? block : AskedOf(block, count);
            IEnumerable<Shown> middle = from == Activation.ResidualMiddle
                ? [(new(from, layer), asked.X)]
                : Attention(block, asked, w);
            foreach (var site in asked.Positions == 0 ? middle : middle.Concat(Mlp(asked, w)))
                yield return site;
        }
    }

    // Keys and values are computed at all positions of a block, queries and later activations only where needed.
    IEnumerable<Shown> Attention(Block block, Block asked, Qwen2LayerWeights w)
    {
        var (layer, normed) = (block.Layer, block.Normed);
        var (query, key, value) = (asked.Query, block.Key, block.Value);

        // n = g₁ ⊙ x / sqrt(mean(x²) + ε)
        device.RmsNorm(block.X, w.AttentionGain, epsilon, normed);
        yield return (new(Activation.AttentionInput, layer), normed);

        // q, k = n Wqᵀ + bq, n Wkᵀ + bk, rotated by their positions
        device.Linear(asked.Normed, w.Query, w.QueryBias, Flat(query));
        yield return (new(Activation.Query, layer), query);
        device.Linear(normed, w.Key, w.KeyBias, Flat(key));
        yield return (new(Activation.Key, layer), key);
        device.Rotate(query, asked.Angles, query);
        yield return (new(Activation.RotatedQuery, layer), query);
        device.Rotate(key, block.Angles, key);
        yield return (new(Activation.RotatedKey, layer), key);

        // v = n Wvᵀ + bv
        device.Linear(normed, w.Value, w.ValueBias, Flat(value));
        yield return (new(Activation.Value, layer), value);

        foreach (var site in HeadOutputs(asked))
            yield return site;
        if (asked.Positions == 0)
            yield break;
        yield return (new(Activation.HeadOutput, layer), asked.HeadOutput);

        // x = x + concat(z) Woᵀ
        foreach (var site in Write(Flat(asked.HeadOutput), w.Output, new(Activation.AttentionOutput, layer), asked))
            yield return site;
        yield return (new(Activation.ResidualMiddle, layer), asked.X);
    }

    // A = softmax(q·kᵀ / sqrt(c)), z = A v
    IEnumerable<Shown> HeadOutputs(Block block)
    {
        var (layer, query, output) = (block.Layer, block.HeadsOf(block.Query), block.HeadsOf(block.HeadOutput));
        var (keys, values) = (block.SeenKeys, block.SeenValues);
        if (shown.Contains(new(Activation.HeadKey, layer)))
        {
            keys = OfEachHead(keys, block.Scratch.HeadKey(keys.Shape[0], keys.Shape[1] * config.GroupSize));
            yield return (new(Activation.HeadKey, layer), keys);
        }

        if (shown.Contains(new(Activation.HeadValue, layer)))
        {
            values = OfEachHead(values, block.Scratch.HeadValue(values.Shape[0], values.Shape[1] * config.GroupSize));
            yield return (new(Activation.HeadValue, layer), values);
        }

        if (block.Positions == 0)
            yield break;
        if (!shown.Contains(new(Activation.Pattern, layer)) && keys.Shape == values.Shape)
        {
            device.Attend(query, keys, values, block.Visibility, output);
            yield break;
        }

        var pattern = block.Pattern;
        device.Pattern(query, keys, block.Visibility, pattern);
        yield return (new(Activation.Pattern, layer), pattern);
        device.Mix(pattern, values, output);
    }

    // Query head h reads key/value head h div r: copies that head for every h.
    Tensor OfEachHead(Tensor shared, Tensor result)
    {
        var (count, heads, size) = (shared.Shape[0], shared.Shape[1], shared.Shape[2]);
        var all = result.Shape[1];
        var rows = new int[count * all];
        for (var row = 0; row < rows.Length; row++)
            rows[row] = row / all * heads + row % all / (all / heads);
        device.Gather(shared.Reshape(count * heads, size), rows, result.Reshape(rows.Length, size));
        return result;
    }

    IEnumerable<Shown> Mlp(Block block, Qwen2LayerWeights w)
    {
        // n = g₂ ⊙ x / sqrt(mean(x²) + ε)
        device.RmsNorm(block.X, w.MlpGain, epsilon, block.Normed);
        yield return (new(Activation.MlpInput, block.Layer), block.Normed);

        // x = x + (silu(n Wgᵀ) ⊙ n Wuᵀ) Wdᵀ
        device.Linear(block.Normed, w.Gate, null, block.Gate);
        device.Linear(block.Normed, w.Up, null, block.Up);
        device.SwiGlu(block.Gate, block.Up, block.Gate);
        yield return (new(Activation.MlpNeurons, block.Layer), block.Gate);
        foreach (var site in Write(block.Gate, w.Down, new(Activation.MlpOutput, block.Layer), block))
            yield return site;
    }

    // Adds the output of a sublayer to the stream; the output is a tensor of its own only if it is shown.
    IEnumerable<Shown> Write(Tensor source, Tensor weight, Site site, Block block)
    {
        if (!shown.Contains(site))
        {
            device.AddLinear(source, weight, block.X);
            yield break;
        }

        device.Linear(source, weight, null, block.Normed);
        yield return (site, block.Normed);
        device.Add(block.X, block.Normed, block.X);
    }

    IEnumerable<Block> Blocks(int layer)
    {
        // A query that sees no key is uniform over all keys, later ones included, which a block does not have.
        var whole = sequence.HasBlindQuery || shown.NeedsWholeLayer(layer);
        var step = whole ? sequence.Count : Math.Min(sequence.Count, BlockRows);
        for (var start = 0; start < sequence.Count; start += step)
            yield return sequence.Block(layer, start, Math.Min(step, sequence.Count - start), config.WindowOf(layer));
    }

    Block AskedOf(Block block, int count)
    {
        var end = block.SeenKeys.Shape[0] - sequence.Past;
        return block.Last(int.Clamp(end - (sequence.Count - count), 0, block.Positions));
    }

    static Tensor Flat(Tensor heads) => heads.Reshape(heads.Shape[0], heads.Shape[1] * heads.Shape[2]);
}
