using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The forward pass of Qwen2: every activation is yielded after it is computed and before it is read. The
/// reader of the sequence may look at an activation, overwrite it, or stop. An activation that nobody looks at may be
/// left out.</summary>
/// <remarks>The iterators are nested as the model is: layers, blocks of positions, sublayers. The rows of several
/// prompts go through products, norms and MLP together; only attention keeps them apart.</remarks>
sealed class ForwardPass(
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

    // Keys and values are computed at all positions of a block, queries and later activations only where needed.
    IEnumerable<Made> Attention(Block block, Block? asked, Qwen2LayerWeights w)
    {
        var (layer, normed) = (block.Layer, block.Normed);

        // n = g₁ ⊙ x / sqrt(mean(x²) + ε)
        device.RmsNorm(block.X, w.AttentionGain, epsilon, normed);
        yield return new(new(Activation.AttentionInput, layer), normed, block.Prompts);

        var queried = shown.NeedsQueries(layer) ? block : asked;
        foreach (var site in Heads(block, queried, w))
            yield return site;

        if (asked is not null && queried != asked)
            sequence.Pick(block, asked, queried!.Query, asked.Query);
        foreach (var site in HeadOutputs(block, asked))
            yield return site;
        if (asked is null)
            yield break;
        yield return new(new(Activation.HeadOutput, layer), asked.HeadOutput, asked.Prompts);

        // x = x + concat(z) Woᵀ
        foreach (var site in Write(Flat(asked.HeadOutput), w.Output, new(Activation.AttentionOutput, layer), asked))
            yield return site;
        yield return new(new(Activation.ResidualMiddle, layer), asked.X, asked.Prompts);
    }

    // q, k, v = n Wqᵀ + bq, n Wkᵀ + bk, n Wvᵀ + bv, with q and k rotated by their positions
    IEnumerable<Made> Heads(Block block, Block? queried, Qwen2LayerWeights w)
    {
        var (layer, (key, value)) = (block.Layer, sequence.KeysOf(block));
        if (queried == block && !shown.LooksBeforeRotation(layer))
        {
            device.ProjectHeads(
                block.Normed, new(w.Query, w.QueryBias), new(w.Key, w.KeyBias), new(w.Value, w.ValueBias), block.Angles,
                block.Query, key, value);
            yield return new(new(Activation.RotatedQuery, layer), block.Query, block.Prompts);
            yield return new(new(Activation.RotatedKey, layer), key, block.Prompts);
        }
        else
        {
            foreach (var site in QueriesAndKeys(block, queried, w))
                yield return site;
            device.Linear(block.Normed, w.Value, w.ValueBias, Flat(value));
        }

        yield return new(new(Activation.Value, layer), value, block.Prompts);
    }

    // One operation after the other, for a reader that looks between them or stops.
    IEnumerable<Made> QueriesAndKeys(Block block, Block? queried, Qwen2LayerWeights w)
    {
        var (layer, key) = (block.Layer, sequence.KeysOf(block).Key);
        if (queried is not null)
        {
            if (queried != block)
            {
                sequence.Pick(block, queried, block.Normed, queried.Normed);
                sequence.Pick(block, queried, block.Angles, queried.Angles);
            }

            device.Linear(queried.Normed, w.Query, w.QueryBias, Flat(queried.Query));
            yield return new(new(Activation.Query, layer), queried.Query, queried.Prompts);
        }

        device.Linear(block.Normed, w.Key, w.KeyBias, Flat(key));
        yield return new(new(Activation.Key, layer), key, block.Prompts);
        if (queried is not null)
        {
            device.Rotate(queried.Query, queried.Angles, queried.Query);
            yield return new(new(Activation.RotatedQuery, layer), queried.Query, queried.Prompts);
        }

        device.Rotate(key, block.Angles, key);
        yield return new(new(Activation.RotatedKey, layer), key, block.Prompts);
    }

    // A = softmax(q·kᵀ / sqrt(c)), z = A v, prompt by prompt. A run that stops here does so once for each prompt.
    IEnumerable<Made> HeadOutputs(Block block, Block? asked)
    {
        var layer = block.Layer;
        foreach (var prompt in block.Spans)
        {
            var (keys, values) = sequence.SeenBy(prompt, layer);
            if (shown.Contains(new(Activation.HeadKey, layer)))
            {
                keys = OfEachHead(keys, block.Scratch.HeadKey(keys.Shape[0], keys.Shape[1] * config.GroupSize));
                yield return Made.Of(prompt, new(Activation.HeadKey, layer), keys, prompt == block.Spans[^1]);
                if (shown.IsStop(new(Activation.HeadKey, layer)))
                    continue;
            }

            if (shown.Contains(new(Activation.HeadValue, layer)))
            {
                values = OfEachHead(
                    values, block.Scratch.HeadValue(values.Shape[0], values.Shape[1] * config.GroupSize));
                yield return Made.Of(prompt, new(Activation.HeadValue, layer), values, prompt == block.Spans[^1]);
                if (shown.IsStop(new(Activation.HeadValue, layer)))
                    continue;
            }

            foreach (var span in asked?.Spans ?? [])
                if (span.Prompt == prompt.Prompt)
                    foreach (var site in HeadOutputs(asked!, span, keys.Slice(0, span.End), values.Slice(0, span.End)))
                        yield return site;
        }
    }

    IEnumerable<Made> HeadOutputs(Block block, PromptSpan span, Tensor keys, Tensor values)
    {
        var (query, output) = (block.HeadsOf(block.Query, span), block.HeadsOf(block.HeadOutput, span));
        var visibility = sequence.VisibilityOf(span, block.Layer);
        if (!shown.Contains(new(Activation.Pattern, block.Layer)) && keys.Shape == values.Shape)
        {
            device.Attend(query, keys, values, visibility, output);
            yield break;
        }

        var pattern = block.Scratch.Pattern(query.Shape[1], span.Positions, keys.Shape[0]);
        device.Pattern(query, keys, visibility, pattern);
        yield return Made.Of(span, new(Activation.Pattern, block.Layer), pattern, span == block.Spans[^1]);
        if (shown.IsStop(new(Activation.Pattern, block.Layer)))
            yield break;
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

/// <summary>An activation that the pass made.</summary>
/// <param name="Site">The site.</param>
/// <param name="Activation">The activation of all prompts.</param>
/// <param name="Prompts">The rows of each prompt; of a single prompt, the whole activation is its own.</param>
readonly record struct Made(Site Site, Tensor Activation, ImmutableArray<PromptRows> Prompts)
{
    /// <summary>Gets whether a probe looks at it.</summary>
    public bool IsWanted { get; init; }

    /// <summary>Gets whether no other part of the activation follows. Inside attention each prompt is a part, and the
    /// logits may be cut into blocks of positions.</summary>
    public bool IsLast { get; init; } = true;

    /// <summary>Returns an activation that belongs to the prompt of a span alone.</summary>
    public static Made Of(PromptSpan span, Site site, Tensor activation, bool isLast) =>
        new(site, activation, [new(span.Prompt, 0, activation.Shape[0])]) { IsLast = isLast };

    /// <summary>Returns the activation of each prompt.</summary>
    public IEnumerable<(int Prompt, Tensor Activation)> Split()
    {
        // A copy, since a lambda of a struct cannot see its fields.
        var activation = Activation;
        return Prompts.Length == 1
            ? [(Prompts[0].Prompt, activation)]
            : Prompts.Select(rows => (rows.Prompt, activation.Slice(rows.First, rows.Count)));
    }
}
