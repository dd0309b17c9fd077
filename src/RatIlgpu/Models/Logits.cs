using System.Numerics.Tensors;

namespace RatIlgpu.Models;

/// <summary>Computes with the logits of one position.</summary>
public static class Logits
{
    /// <summary>Returns <c>log Σ exp(logit)</c>, in double precision: a logit minus this number is the logarithm of the
    /// token's probability.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, at least one of them finite.</param>
    /// <exception cref="ArgumentException">There are no logits.</exception>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double largest = TensorPrimitives.Max(logits);
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }
}
