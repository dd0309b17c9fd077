using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The prediction of a run without a change, which those with one are compared with.</summary>
/// <remarks>Logits are widened to double and read with vectors: a study reads as many rows as it has conditions and
/// positions, each as long as the vocabulary.</remarks>
/// <param name="vocabulary">The number of tokens.</param>
sealed class ExpectedPrediction(int vocabulary)
{
    readonly double[] probabilities = new double[vocabulary];
    readonly double[] numbers = new double[vocabulary];
    readonly double[] powers = new double[vocabulary];
    double partition, mean;

    /// <summary>Takes a prediction as the one to compare with.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    public void Set(ReadOnlySpan<float> logits)
    {
        partition = Read(logits);
        var largest = TensorPrimitives.Max<double>(numbers);
        TensorPrimitives.Multiply(powers, Math.Exp(largest - partition), probabilities);
        mean = TensorPrimitives.Dot<double>(probabilities, numbers);
    }

    /// <summary>Returns <c>KL(expected ‖ found)</c>, in nats.</summary>
    /// <param name="logits"><c>[vocabulary]</c> of the prediction that is found.</param>
    public double DivergenceTo(ReadOnlySpan<float> logits)
    {
        // Σ p (log p − log q) = Σ p x − log Σ exp(x) − Σ p y + log Σ exp(y)
        var other = Read(logits);
        var divergence = mean - TensorPrimitives.Dot<double>(probabilities, numbers) + other - partition;
        // Nearly equal predictions can sum to a hair below 0.
        return Math.Max(0, divergence);
    }

    // Leaves the logits in numbers, and exp(logit − max) in powers. Returns log Σ exp.
    double Read(ReadOnlySpan<float> logits)
    {
        TensorPrimitives.ConvertTruncating(logits, numbers.AsSpan());
        var largest = TensorPrimitives.Max<double>(numbers);
        TensorPrimitives.Subtract(numbers, largest, powers);
        TensorPrimitives.Exp<double>(powers, powers);
        return largest + Math.Log(TensorPrimitives.Sum<double>(powers));
    }
}
