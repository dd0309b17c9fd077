using RatIlgpu.Generation;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu;

/// <summary>Continues a prompt, one token at a time, over a key/value cache.</summary>
/// <param name="model">The model.</param>
public sealed class TextGenerator(LanguageModel model)
{
    /// <summary>Gets the probe of every run, which may intervene. Default: none.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Yields the tokens that follow a prompt, up to a number of tokens or to the first of
    /// <see cref="LanguageModel.EndTokenIds"/>, which is not yielded.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="count">The most tokens to yield, at least 0.</param>
    /// <param name="options">The choice of a token; null for the likeliest.</param>
    /// <param name="attentionMask">1 for a token of the prompt, 0 for padding; null for no
    /// padding.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>The tokens. The model runs while they are enumerated; every enumeration starts anew from the seed and
    /// yields the same tokens.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, or the mask does not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or an option is out of its range.</exception>
    /// <exception cref="ArithmeticException">A logit is not a number, or +∞.</exception>
    /// <exception cref="InvalidDataException">The model has no unembedding.</exception>
    /// <exception cref="OperationCanceledException">The generation was cancelled.</exception>
    public IEnumerable<int> Generate(
        ReadOnlySpan<int> ids,
        int count,
        SamplingOptions? options = null,
        ImmutableArray<int>? attentionMask = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var forward = new ForwardOptions
        {
            LogitCount = 1,
            AttentionMask = attentionMask,
            Probe = Probe,
            Cancellation = cancellation,
        };
        return Continue(ids.ToArray(), count, options ?? new(), forward);
    }

    IEnumerable<int> Continue(int[] ids, int count, SamplingOptions options, ForwardOptions forward)
    {
        if (count == 0)
            yield break;
        var (qwen, sampler) = (model.Network, new Sampler(options));
        using var cache = new KeyValueCache(qwen.Config, qwen.Device, ids.Length + 1);
        forward = forward with { Cache = cache };
        var takesLikeliest = options is { Temperature: 0, RepetitionPenalty: 1 };
        float[] logits = takesLikeliest ? [] : new float[qwen.Config.VocabularySize];
        var text = ids.ToHashSet();
        for (var next = ids; count > 0; count--)
        {
            int chosen;
            using (var last = qwen.Forward(next, forward))
                chosen = takesLikeliest ? Likeliest(last) : Sample(last, sampler, logits, text);
            if (model.EndTokenIds.Contains(chosen))
                yield break;
            yield return chosen;
            text.Add(chosen);
            next = [chosen];
            forward = forward with { AttentionMask = forward.AttentionMask?.Items.Add(1) };
        }
    }

    // An id without a token is never chosen. One number leaves the device, not the logits of the vocabulary.
    int Likeliest(Tensor last)
    {
        Span<int> id = [0];
        Span<float> logit = [0];
        // In the memory of this process a look at the logits takes less time than the sum of their exponentials.
        Span<double> total = last is HostTensor ? [] : [0];
        model.Network.Device.Top(last, model.TokenMask, 1, id, logit, total);
        if (last is HostTensor here)
            Check(here.Floats);
        else if (!double.IsFinite(total[0]))
            Check(model.Network.Device.Download(last));
        return float.IsNegativeInfinity(logit[0]) ? throw Sampler.NothingToChoose() : id[0];
    }

    int Sample(Tensor last, Sampler sampler, float[] logits, HashSet<int> text)
    {
        model.Network.Device.Download(last, logits);
        Check(logits);
        foreach (var id in model.IdsWithoutToken)
            logits[id] = float.NegativeInfinity;
        return sampler.Next(logits, text);
    }

    // A probe may set logits to −∞; no other that is not finite has a meaning.
    static void Check(ReadOnlySpan<float> logits)
    {
        if (!(TensorPrimitives.Max(logits) < float.PositiveInfinity))
            throw new ArithmeticException("The logits are not numbers: the weights are damaged or overflow.");
    }
}
