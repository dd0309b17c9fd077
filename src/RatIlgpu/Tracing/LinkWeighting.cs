using RatIlgpu.Models;

namespace RatIlgpu.Tracing;

/// <summary>Makes the weights that the values of a layer give its attention, for any prompts and layers.</summary>
/// <remarks>The norm of what attention brings is that of Kobayashi et al., "Attention is Not Only a Weight: Analyzing
/// Transformers with Vector Norms", 2020.</remarks>
/// <param name="model">The model.</param>
/// <param name="weights">What attention counts; not <see cref="AttentionWeights.Standard"/>.</param>
/// <exception cref="ArgumentOutOfRangeException">The weights are the standard ones, or no member of
/// <see cref="AttentionWeights"/>.</exception>
public sealed class LinkWeighting(Qwen2Model model, AttentionWeights weights)
{
    readonly OutputGrams grams = new(model);

    readonly AttentionWeights weights =
        weights is AttentionWeights.Value or AttentionWeights.Info or AttentionWeights.Contribution
            ? weights
            : throw new ArgumentOutOfRangeException(nameof(weights), $"{weights} weights need no values.");

    /// <summary>Returns the weights of a layer over one prompt.</summary>
    /// <param name="site"><see cref="Activation.Value"/> or <see cref="Activation.HeadValue"/> of the layer.</param>
    /// <param name="values">The values at all positions, at least one, with their bias: <c>[tokens, K, c]</c>, or
    /// <c>[tokens, H, c]</c> of single query heads.</param>
    /// <param name="mask">1 for a token, 0 for padding, one entry per token; null for no padding.</param>
    /// <param name="cancellation">Stops between two tokens or heads.</param>
    /// <exception cref="ArgumentException">The site is no site of values, there are no whole rows of values, or the
    /// mask has another length.</exception>
    /// <exception cref="ArithmeticException">A value is not a finite number; where contributions are asked for, that is
    /// thrown when a row is read.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public LinkWeights Of(
        Site site, ReadOnlySpan<float> values, ImmutableArray<int>? mask, CancellationToken cancellation = default)
    {
        var config = model.Config;
        if (site.Activation is not (Activation.Value or Activation.HeadValue))
            throw new ArgumentException($"{site} was given, expected {Activation.Value} or {Activation.HeadValue}.");
        var valueHeads = site.Activation == Activation.HeadValue ? config.HeadCount : config.KeyValueHeadCount;
        var (tokens, rest) = Math.DivRem(values.Length, valueHeads * config.HeadSize);
        if (tokens == 0 || rest != 0)
            throw new ArgumentException(
                $"{values.Length} numbers of {site} were given, expected whole rows of {valueHeads * config.HeadSize}, "
                + "at least one.");
        if (mask is { } given && given.Length != tokens)
            throw new ArgumentException($"The mask has {given.Length} entries, expected {tokens}, one for each token.");
        return weights == AttentionWeights.Contribution
            ? new(tokens, config.HeadCount, null, WrittenProducts.Of(model, site.Layer, values, tokens, cancellation))
            : new(tokens, config.HeadCount, Factors(site, values, mask, tokens, valueHeads, cancellation), null);
    }

    // [heads, tokens]
    float[] Factors(
        Site site, ReadOnlySpan<float> values, ImmutableArray<int>? mask, int tokens, int valueHeads,
        CancellationToken cancellation)
    {
        var (heads, size) = (model.Config.HeadCount, model.Config.HeadSize);
        if (weights == AttentionWeights.Info)
            grams.Prepare(site.Layer, Enumerable.Range(0, heads));
        var factors = new float[heads * tokens];
        var own = new float[tokens * size];
        for (var head = 0; head < heads; head++)
        {
            cancellation.ThrowIfCancellationRequested();
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
