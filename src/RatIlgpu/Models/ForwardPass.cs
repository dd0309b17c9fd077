using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using Shown = (RatIlgpu.Site Site, RatIlgpu.Tensors.Tensor Activation);

namespace RatIlgpu.Models;

/// <summary>The forward pass of Qwen2, written once: every activation is yielded after it is computed and before it is
/// read, and whoever reads the sequence may look at it, overwrite it, or stop.</summary>
/// <param name="config">The architecture.</param>
/// <param name="weights">The weights, on <paramref name="device"/>.</param>
/// <param name="device">Where to compute.</param>
/// <param name="sequence">The tensors of this run: stream, angles, keys and values.</param>
/// <param name="wants">Tells whether somebody looks at a site; what nobody looks at may be left out.</param>
/// <param name="isShownWhole">Tells whether somebody looks at a site, at all positions at once.</param>
sealed class ForwardPass(
    Qwen2Config config,
    Qwen2Weights weights,
    Device device,
    Sequence sequence,
    Func<Site, bool> wants,
    Func<Site, bool> isShownWhole)
{
    // A layer whose inside nobody looks at as a whole runs in blocks of this many positions, which keeps memory flat
    // however long the prompt is; attention is causal, so a block needs no later one. From 256 rows on, matrix products
    // gain nothing more.
    const int BlockRows = 256;

    readonly float epsilon = config.RmsNormEpsilon;

    /// <summary>Runs the model over the sequence.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="rows">At how many of the last positions logits are computed; whoever reads them disposes
    /// them.</param>
    public IEnumerable<Shown> Run(int[] ids, int rows)
    {
        // x = E[token]
        device.Gather(weights.Embedding, ids, sequence.Residual);
        yield return (Site.Embedding, sequence.Residual);

        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            yield return (new(Activation.ResidualBefore, layer), sequence.Residual);
            foreach (var block in Blocks(layer))
                foreach (var shown in Attention(block, weights.Layers[layer]).Concat(Mlp(block, weights.Layers[layer])))
                    yield return shown;
            yield return (new(Activation.ResidualAfter, layer), sequence.Residual);
        }

        if (rows == 0)
            yield break;

        // logits = (g ⊙ x / sqrt(mean(x²) + ε)) Uᵀ
        using var final = device.Allocate(rows, config.HiddenSize);
        device.RmsNorm(sequence.Residual.Rows(sequence.Count - rows, rows), weights.FinalGain, epsilon, final);
        yield return (Site.FinalNorm, final);
        var logits = device.Allocate(rows, config.VocabularySize);
        device.Linear(final, weights.Unembedding, null, logits);
        yield return (Site.Logits, logits);
    }

    IEnumerable<Shown> Attention(Block block, Qwen2Layer w)
    {
        var (layer, x, normed) = (block.Layer, block.X, block.Normed);
        var (query, key, value) = (block.Query, block.Key, block.Value);

        // n = g₁ ⊙ x / sqrt(mean(x²) + ε)
        device.RmsNorm(x, w.AttentionGain, epsilon, normed);
        yield return (new(Activation.AttentionInput, layer), normed);

        // q, k = n Wqᵀ + bq, n Wkᵀ + bk, turned by their positions
        device.Linear(normed, w.Query, w.QueryBias, Flat(query));
        yield return (new(Activation.Query, layer), query);
        device.Linear(normed, w.Key, w.KeyBias, Flat(key));
        yield return (new(Activation.Key, layer), key);
        device.Rotate(query, block.Angles, query);
        yield return (new(Activation.RotatedQuery, layer), query);
        device.Rotate(key, block.Angles, key);
        yield return (new(Activation.RotatedKey, layer), key);

        // v = n Wvᵀ + bv
        device.Linear(normed, w.Value, w.ValueBias, Flat(value));
        yield return (new(Activation.Value, layer), value);

        foreach (var shown in Mix(block))
            yield return shown;
        yield return (new(Activation.HeadMix, layer), block.Mix);

        // x = x + concat(z) Woᵀ
        foreach (var shown in Write(Flat(block.Mix), w.Output, new(Activation.AttentionOutput, layer), block))
            yield return shown;
        yield return (new(Activation.ResidualMiddle, layer), x);
    }

    // A = softmax(q·kᵀ / sqrt(c)), z = A v
    IEnumerable<Shown> Mix(Block block)
    {
        if (!wants(new(Activation.Pattern, block.Layer)))
        {
            device.Attend(block.Query, block.SeenKeys, block.SeenValues, block.Visibility, block.Mix);
            yield break;
        }

        var pattern = block.Pattern;
        device.Pattern(block.Query, block.SeenKeys, block.Visibility, pattern);
        yield return (new(Activation.Pattern, block.Layer), pattern);
        device.Mix(pattern, block.SeenValues, block.Mix);
    }

    IEnumerable<Shown> Mlp(Block block, Qwen2Layer w)
    {
        // n = g₂ ⊙ x / sqrt(mean(x²) + ε)
        device.RmsNorm(block.X, w.MlpGain, epsilon, block.Normed);
        yield return (new(Activation.MlpInput, block.Layer), block.Normed);

        // x = x + (silu(n Wgᵀ) ⊙ n Wuᵀ) Wdᵀ
        device.Linear(block.Normed, w.Gate, null, block.Gate);
        device.Linear(block.Normed, w.Up, null, block.Up);
        device.SwiGlu(block.Gate, block.Up, block.Gate);
        yield return (new(Activation.MlpNeurons, block.Layer), block.Gate);
        foreach (var shown in Write(block.Gate, w.Down, new(Activation.MlpOutput, block.Layer), block))
            yield return shown;
    }

    // Adds a sublayer's output to the stream; as a tensor of its own only if somebody looks at it.
    IEnumerable<Shown> Write(Tensor source, Tensor weight, Site site, Block block)
    {
        if (!wants(site))
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
        // A query that sees no key is uniform over all of them, later ones too: then blocks would not be exact.
        var whole = sequence.HasBlindQuery || Inside.Any(activation => isShownWhole(new(activation, layer)));
        var step = whole ? sequence.Count : Math.Min(sequence.Count, BlockRows);
        for (var start = 0; start < sequence.Count; start += step)
            yield return sequence.Block(layer, start, Math.Min(step, sequence.Count - start), config.WindowOf(layer));
    }

    static readonly Activation[] Inside =
        [.. Enum.GetValues<Activation>().Where(a => a is > Activation.ResidualBefore and < Activation.ResidualAfter)];

    static Tensor Flat(Tensor heads) => heads.As(heads.Shape[0], heads.Shape[1] * heads.Shape[2]);
}
