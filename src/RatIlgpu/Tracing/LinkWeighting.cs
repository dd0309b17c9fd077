using RatIlgpu.Models;

namespace RatIlgpu.Tracing;

/// <summary>Makes the weights that the values of a layer give its attention, for any prompts and layers.</summary>
/// <remarks>The norm of what attention brings is that of Kobayashi et al., "Attention is Not Only a Weight: Analyzing
/// Transformers with Vector Norms", 2020.</remarks>
/// <param name="model">The model.</param>
/// <param name="weights">What attention counts; not <see cref="AttentionWeights.Standard"/>.</param>
public sealed class LinkWeighting(Qwen2Model model, AttentionWeights weights)
{
    readonly OutputGrams grams = new(model);

    /// <summary>Returns the weights of a layer over one prompt.</summary>
    /// <param name="site"><see cref="Activation.Value"/> or <see cref="Activation.HeadValue"/> of the layer.</param>
    /// <param name="values">The values at all positions, with their bias: <c>[tokens, K, c]</c>, or <c>[tokens, H,
    /// c]</c> of single query heads.</param>
    /// <param name="mask">1 for a token, 0 for padding, one entry per token; null for no padding.</param>
    /// <exception cref="ArithmeticException">A value is not a finite number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weighting is the standard one, or is not a member of
    /// <see cref="AttentionWeights"/>.</exception>
    public LinkWeights Of(Site site, ReadOnlySpan<float> values, ImmutableArray<int>? mask)
    {
        var config = model.Config;
        var valueHeads = site.Activation == Activation.HeadValue ? config.HeadCount : config.KeyValueHeadCount;
        var tokens = values.Length / (valueHeads * config.HeadSize);
        return weights switch
        {
            AttentionWeights.Value or AttentionWeights.Info =>
                new(tokens, config.HeadCount, Factors(site, values, mask, tokens, valueHeads), null),
            AttentionWeights.Contribution =>
                new(tokens, config.HeadCount, null, WrittenProducts.Of(model, site.Layer, values, tokens)),
            _ => throw new ArgumentOutOfRangeException(nameof(site), $"{weights} weights need no values."),
        };
    }

    // [heads, tokens]
    float[] Factors(Site site, ReadOnlySpan<float> values, ImmutableArray<int>? mask, int tokens, int valueHeads)
    {
        var (heads, size) = (model.Config.HeadCount, model.Config.HeadSize);
        if (weights == AttentionWeights.Info)
            grams.Prepare(site.Layer, Enumerable.Range(0, heads));
        var factors = new float[heads * tokens];
        var own = new float[tokens * size];
        for (var head = 0; head < heads; head++)
        {
            var valueHead = head / (heads / valueHeads);
            for (var token = 0; token < tokens; token++)
                values.Slice((token * valueHeads + valueHead) * size, size).CopyTo(own.AsSpan(token * size, size));
            var lengths = weights == AttentionWeights.Info
                ? grams.Lengths(new(site.Layer, head), own)
                : HeadFactors.Lengths(own, size);
            HeadFactors.Of(lengths, mask, site).CopyTo(factors.AsSpan(head * tokens, tokens));
        }

        return factors;
    }
}
