using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The tokens that count as predictions: all but the masked ones. A vocabulary is often rounded up, and an id
/// without a token is no prediction.</summary>
sealed class PredictedTokens
{
    readonly bool[] counts;

    PredictedTokens(bool[] counts) => this.counts = counts;

    /// <summary>Leaves tokens of a vocabulary out.</summary>
    /// <param name="vocabulary">The number of tokens.</param>
    /// <param name="masked">The ids that are left out.</param>
    /// <exception cref="ArgumentException">An id is not in the vocabulary, or no token is left.</exception>
    public static PredictedTokens Without(int vocabulary, ReadOnlySpan<int> masked)
    {
        var counts = new bool[vocabulary];
        counts.AsSpan().Fill(true);
        foreach (var id in masked)
            if ((uint)id < (uint)vocabulary)
                counts[id] = false;
            else
                throw new ArgumentException(FormattableString.Invariant(
                    $"Masked has {id}, expected tokens from 0 to {vocabulary - 1}."));
        return counts.Contains(true)
            ? new(counts)
            : throw new ArgumentException("Masked has every token, expected that one is left.");
    }

    /// <summary>Tells whether a token counts.</summary>
    public bool Has(int id) => counts[id];

    /// <summary>Returns the likeliest token that counts; of equal ones the lowest id.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, all finite.</param>
    public int LikeliestOf(ReadOnlySpan<float> logits)
    {
        // With vectors; that a masked token is the likeliest of all is rare.
        var best = TensorPrimitives.IndexOfMax(logits);
        // Vectors take +0 as larger than −0.
        if (logits[best] == 0)
            best = logits.IndexOf(0);
        if (counts[best])
            return best;
        best = Array.IndexOf(counts, true);
        for (var id = best + 1; id < logits.Length; id++)
            if (counts[id] && logits[id] > logits[best])
                best = id;
        return best;
    }
}
