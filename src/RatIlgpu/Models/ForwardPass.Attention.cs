using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

// The attention of a layer, from the stream that it reads to the stream that it writes.
sealed partial class ForwardPass
{
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

    // q, k, v = n Wqᵀ + bq, n Wkᵀ + bk, n Wvᵀ + bv, with q and k normed head by head, where the model has gains for
    // this, and rotated by their positions
    IEnumerable<Made> Heads(Block block, Block? queried, Qwen2LayerWeights w)
    {
        var (layer, (key, value)) = (block.Layer, sequence.KeysOf(block));
        if (queried == block && !shown.LooksBeforeRotation(layer))
        {
            device.ProjectHeads(
                block.Normed,
                new(w.Query, w.QueryBias, NormOf(w.QueryGain)),
                new(w.Key, w.KeyBias, NormOf(w.KeyGain)),
                new(w.Value, w.ValueBias),
                block.Angles, block.Query, key, value);
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
            Turn(queried.Query, w.QueryGain, queried.Angles);
            yield return new(new(Activation.RotatedQuery, layer), queried.Query, queried.Prompts);
        }

        Turn(key, w.KeyGain, block.Angles);
        yield return new(new(Activation.RotatedKey, layer), key, block.Prompts);
    }

    // h = rotate(g ⊙ h / sqrt(mean(h²) + ε)) for each head h of queries or keys; without the norm if there is no g
    void Turn(Tensor heads, Tensor? gain, Tensor angles)
    {
        if (gain is not null)
        {
            var each = heads.Reshape(heads.Shape[0] * heads.Shape[1], heads.Shape[2]);
            device.RmsNorm(each, gain, epsilon, each);
        }

        device.Rotate(heads, angles, heads);
    }

    HeadNorm? NormOf(Tensor? gain) => gain is null ? null : new(gain, epsilon);

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
}
