using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The forward pass of a model: every activation is yielded after it is computed and before it is read. The
/// reader of the sequence may look at an activation, overwrite it, or stop. An activation that nobody looks at may be
/// left out.</summary>
/// <remarks>The iterators are nested as the model is: layers, blocks of positions, sublayers. The rows of several
/// prompts go through products, norms and MLP together; only attention keeps them apart.</remarks>
sealed partial class ForwardPass(
    Qwen2Config config,
    Qwen2Weights weights,
    Device device,
    Sequence sequence,
    ShownSites shown,
    int mostLogitRows = int.MaxValue)
{
    /// <summary>The number of positions in a block. A layer runs block by block, which attention allows since it is
    /// causal, so that memory does not grow with the prompt. It runs whole if a probe wants all positions of its inside
    /// at once. A matrix product of more than 256 rows is no faster for each row.</summary>
    public const int BlockRows = 256;

    readonly float epsilon = config.RmsNormEpsilon;

    /// <summary>Runs the model over the tokens of all prompts, one prompt after the other. The reader disposes the
    /// logits.</summary>
    public IEnumerable<Made> Run(int[] ids)
    {
        // x = E[token]
        device.Gather(weights.Embedding, ids, sequence.Residual);
        return RunFrom(new(Activation.ResidualBefore, 0)).Prepend(Stream(Site.Embedding));
    }

    /// <summary>Runs the model from the residual stream that the sequence holds before a layer, in its middle or after
    /// it, with logits as in <see cref="Run"/>.</summary>
    public IEnumerable<Made> RunFrom(Site start)
    {
        for (var layer = start.Layer; layer < config.LayerCount; layer++)
        {
            var from = layer == start.Layer ? start.Activation : Activation.ResidualBefore;
            if (from == Activation.ResidualBefore)
                yield return Stream(new(from, layer));
            if (from != Activation.ResidualAfter)
                foreach (var site in Inner(layer, from))
                    yield return site;
            yield return Stream(new(Activation.ResidualAfter, layer));
        }

        if (sequence.AsksNone)
            yield break;
        var last = sequence.AskedStream();
        var step = Math.Min(mostLogitRows, last.Shape[0]);
        for (var row = 0; row < last.Shape[0]; row += step)
            foreach (var site in Logits(last, row, Math.Min(step, last.Shape[0] - row)))
                yield return site;
    }

    // logits = (g ⊙ x / sqrt(mean(x²) + ε)) Uᵀ
    IEnumerable<Made> Logits(Tensor stream, int start, int count)
    {
        var (rows, isLast) = (stream.Slice(start, count), start + count == stream.Shape[0]);
        var prompts = sequence.AskedPrompts(start, count);
        using var final = device.Allocate(rows.Shape);
        device.RmsNorm(rows, weights.FinalGain, epsilon, final);
        yield return new(Site.FinalNorm, final, prompts) { IsLast = isLast };
        if (shown.IsStop(Site.FinalNorm))
            yield break;
        yield return new(Site.Logits, Unembed(final), prompts) { IsLast = isLast };
    }

    Tensor Unembed(Tensor final)
    {
        var logits = device.Allocate(final.Shape[0], config.VocabularySize);
        try
        {
            device.Linear(final, weights.Unembedding, null, logits);
            return logits;
        }
        catch
        {
            logits.Dispose();
            throw;
        }
    }

    IEnumerable<Made> Inner(int layer, Activation from)
    {
        var w = weights.Layers[layer];
        // In the last layer only K and V are needed at positions without requested logits.
        var all = layer < config.LayerCount - 1 || sequence.AsksAll || shown.NeedsAll(layer)
            || sequence.HasBlindQuery;
        foreach (var block in Blocks(layer))
        {
            var asked = all ? block : sequence.PickAsked(block);
            if (from != Activation.ResidualMiddle)
                foreach (var site in Attention(block, asked, w))
                    yield return site;
            else if (asked is not null)
                yield return new(new(from, layer), asked.X, asked.Prompts);
            if (asked is not null)
                foreach (var site in Mlp(asked, w))
                    yield return site;
        }
    }

    IEnumerable<Made> Mlp(Block block, Qwen2LayerWeights w)
    {
        // n = g₂ ⊙ x / sqrt(mean(x²) + ε)
        device.RmsNorm(block.X, w.MlpGain, epsilon, block.Normed);
        yield return new(new(Activation.MlpInput, block.Layer), block.Normed, block.Prompts);

        // x = x + (silu(n Wgᵀ) ⊙ n Wuᵀ) Wdᵀ
        device.GatedLinear(block.Normed, w.Gate, w.Up, block.Up, block.Gate);
        yield return new(new(Activation.MlpNeurons, block.Layer), block.Gate, block.Prompts);
        foreach (var site in Write(block.Gate, w.Down, new(Activation.MlpOutput, block.Layer), block))
            yield return site;
    }

    // Adds the output of a sublayer to the stream; the output is a tensor of its own only if it is shown.
    IEnumerable<Made> Write(Tensor source, Tensor weight, Site site, Block block)
    {
        if (!shown.Contains(site))
        {
            device.AddLinear(source, weight, block.X);
            yield break;
        }

        device.Linear(source, weight, null, block.Normed);
        yield return new(site, block.Normed, block.Prompts);
        device.Add(block.X, block.Normed, block.X);
    }

    IEnumerable<Block> Blocks(int layer)
    {
        // A query that sees no key is uniform over all keys, later ones included, which a block does not have.
        var whole = sequence.HasBlindQuery || sequence.PromptCount > 1 || shown.NeedsWholeLayer(layer);
        var step = whole ? sequence.Count : Math.Min(sequence.Count, BlockRows);
        for (var start = 0; start < sequence.Count; start += step)
            yield return sequence.Block(layer, start, Math.Min(step, sequence.Count - start));
    }

    Made Stream(Site site) => new(site, sequence.Residual, sequence.Prompts);

    static Tensor Flat(Tensor heads) => heads.Reshape(heads.Shape[0], heads.Shape[1] * heads.Shape[2]);
}
