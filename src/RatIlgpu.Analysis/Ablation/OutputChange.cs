namespace RatIlgpu.Analysis;

/// <summary>How much of a vector is left in another that was made under a change.</summary>
/// <param name="Projection">The normalised inner product <c>⟨x, y⟩ / |x|²</c> of the vector x without the change and y
/// with it: 1 if y has all of x, 0 if it has nothing of it, above 1 if it has more; null where x is zero.</param>
/// <param name="Cosine"><c>⟨x, y⟩ / (|x| |y|)</c>, in [−1, 1]; null where one of them is zero.</param>
/// <remarks>The two measures of goodfire-ai/spd, pull request 403; there a zero vector has 0 instead of
/// null.</remarks>
public readonly record struct OutputChange(double? Projection, double? Cosine)
{
    // Squares below are those of a vector of rounding errors.
    const double Least = 1e-16;

    /// <summary>Gets the change of a vector that stays as it is.</summary>
    public static OutputChange None { get; } = new(1, 1);

    /// <summary>Compares two vectors.</summary>
    /// <param name="before">The vector without the change.</param>
    /// <param name="after">The vector with it, as long.</param>
    public static OutputChange Of(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        var (product, own, other) = (0.0, 0.0, 0.0);
        for (var i = 0; i < before.Length; i++)
        {
            product += (double)before[i] * after[i];
            own += (double)before[i] * before[i];
            other += (double)after[i] * after[i];
        }

        return new(
            own > Least ? product / own : null,
            own > Least && other > Least ? double.Clamp(product / Math.Sqrt(own * other), -1, 1) : null);
    }
}
