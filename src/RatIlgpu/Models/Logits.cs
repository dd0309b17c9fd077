using RatIlgpu.Devices;

namespace RatIlgpu.Models;

/// <summary>Computes with the logits of one position.</summary>
public static class Logits
{
    /// <summary>Returns <c>log Σ exp(logit)</c>, in double precision: a logit minus this number is the logarithm of the
    /// token's probability.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, at least one of them finite.</param>
    /// <exception cref="ArgumentException">There are no logits.</exception>
    public static double LogSumExp(ReadOnlySpan<float> logits) => logits.IsEmpty
        ? throw new ArgumentException("There are no logits: at least one is needed.", nameof(logits))
        : HostDevice.LogSumExp(logits);

    /// <summary>Returns the tokens with the largest logits, largest first; of equal ones the smaller id
    /// first.</summary>
    /// <param name="logits"><c>[vocabulary]</c>; a token at −∞ or NaN is never among them.</param>
    /// <param name="count">The most tokens, at least 0.</param>
    /// <param name="counts">Tells which ids count; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of tokens is negative.</exception>
    public static ImmutableArray<int> Largest(ReadOnlySpan<float> logits, int count, Func<int, bool>? counts = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return [];
        var best = new TopK<int>(count);
        for (var id = 0; id < logits.Length; id++)
            // False for NaN.
            if (logits[id] > float.NegativeInfinity && best.Takes(logits[id]) && counts?.Invoke(id) != false)
                best.Add(id, logits[id]);
        return [.. best.Take()];
    }
}
