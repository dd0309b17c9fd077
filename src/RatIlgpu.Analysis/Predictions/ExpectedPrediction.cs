using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>A prediction that others are compared with, such as that of a run without a change.</summary>
/// <remarks>Logits are widened to double and read with vectors, a part at a time that stays in the first cache: a study
/// reads as many rows as it has conditions and positions, each as long as the vocabulary. Several threads may compare
/// at once.</remarks>
/// <param name="vocabulary">The number of tokens.</param>
sealed class ExpectedPrediction(int vocabulary)
{
    const int PartLength = 1_024;

    readonly double[] probabilities = new double[vocabulary];
    double mean;

    /// <summary>Gets <c>log Σ exp(logit)</c>.</summary>
    public double Partition { get; private set; }

    /// <summary>Takes a prediction as the one to compare with.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    public void Set(ReadOnlySpan<float> logits)
    {
        double largest = TensorPrimitives.Max(logits);
        Span<double> numbers = stackalloc double[PartLength];
        var sum = 0.0;
        for (var start = 0; start < logits.Length; start += PartLength)
        {
            var part = Part(logits, start);
            var raised = probabilities.AsSpan(start, part.Length);
            Exponentials(part, largest, numbers[..part.Length], raised);
            sum += TensorPrimitives.Sum<double>(raised);
        }

        Partition = largest + Math.Log(sum);
        TensorPrimitives.Multiply(probabilities, 1 / sum, probabilities);
        // As a prediction that is compared is read, so that it diverges by exactly 0 from itself.
        mean = 0;
        for (var start = 0; start < logits.Length; start += PartLength)
        {
            var part = Part(logits, start);
            TensorPrimitives.ConvertTruncating(part, numbers[..part.Length]);
            mean += TensorPrimitives.Dot<double>(
                probabilities.AsSpan(start, part.Length), numbers[..part.Length]);
        }
    }

    /// <summary>Returns <c>KL(expected ‖ found)</c>, in nats.</summary>
    /// <param name="logits"><c>[vocabulary]</c> of the prediction that is found.</param>
    public double DivergenceTo(ReadOnlySpan<float> logits) => Compare(logits).Divergence;

    /// <summary>Compares logits with the expected prediction: returns <c>KL(expected ‖ found)</c>, in nats, and
    /// <c>log Σ exp(logit)</c> over the found logits.</summary>
    /// <param name="logits">The found logits, <c>[vocabulary]</c>.</param>
    public (double Divergence, double Partition) Compare(ReadOnlySpan<float> logits)
    {
        // Σ p (log p − log q) = Σ p x − log Σ exp(x) − Σ p y + log Σ exp(y)
        var (other, found) = Read(logits);
        var divergence = mean - found + other - Partition;
        // Nearly equal predictions can sum to a hair below 0.
        return (Math.Max(0, divergence), other);
    }

    // Returns log Σ exp of logits, and their mean by the probabilities.
    (double Partition, double Mean) Read(ReadOnlySpan<float> logits)
    {
        double largest = TensorPrimitives.Max(logits);
        Span<double> numbers = stackalloc double[PartLength], powers = stackalloc double[PartLength];
        var (sum, found) = (0.0, 0.0);
        for (var start = 0; start < logits.Length; start += PartLength)
        {
            var part = Part(logits, start);
            var own = numbers[..part.Length];
            var raised = powers[..part.Length];
            Exponentials(part, largest, own, raised);
            sum += TensorPrimitives.Sum<double>(raised);
            found += TensorPrimitives.Dot<double>(probabilities.AsSpan(start, part.Length), own);
        }

        return (largest + Math.Log(sum), found);
    }

    static void Exponentials(ReadOnlySpan<float> logits, double largest, Span<double> numbers, Span<double> powers)
    {
        TensorPrimitives.ConvertTruncating(logits, numbers);
        TensorPrimitives.Subtract(numbers, largest, powers);
        TensorPrimitives.Exp<double>(powers, powers);
    }

    static ReadOnlySpan<float> Part(ReadOnlySpan<float> logits, int start) =>
        logits.Slice(start, int.Min(PartLength, logits.Length - start));
}
