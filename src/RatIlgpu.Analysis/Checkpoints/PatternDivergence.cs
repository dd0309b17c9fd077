namespace RatIlgpu.Analysis;

/// <summary>How far two rows of attention are apart.</summary>
/// <param name="JensenShannon">The Jensen-Shannon divergence in nats, <c>½ KL(p ‖ m) + ½ KL(q ‖ m)</c> with <c>m = (p +
/// q) / 2</c>, in [0, ln 2].</param>
/// <param name="TotalVariation">The total variation, <c>½ Σ |p − q|</c>, in [0, 1]: the attention that goes to other
/// keys.</param>
/// <remarks>Lin, Divergence measures based on the Shannon entropy, 1991.</remarks>
public readonly record struct PatternDivergence(double JensenShannon, double TotalVariation)
{
    /// <summary>The largest Jensen-Shannon divergence, <c>ln 2</c>: of rows without a key in common.</summary>
    public static readonly double Most = Math.Log(2);

    /// <summary>Compares two rows, in either order with the same result.</summary>
    /// <param name="p">The probabilities of a row, <c>[keys]</c>.</param>
    /// <param name="q">The probabilities of the other row, <c>[keys]</c>.</param>
    /// <exception cref="ArgumentException">The rows have different lengths.</exception>
    public static PatternDivergence Of(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        if (p.Length != q.Length)
            throw new ArgumentException(FormattableString.Invariant(
                $"A row of {p.Length} keys was given with one of {q.Length}, expected as many keys."));
        var (divergence, variation) = (0.0, 0.0);
        for (var key = 0; key < p.Length; key++)
        {
            var (one, other) = ((double)p[key], (double)q[key]);
            var middle = (one + other) / 2;
            divergence += Part(one, middle) + Part(other, middle);
            variation += Math.Abs(one - other);
        }

        // Rows sum to 1 up to the rounding of F32.
        return new(Math.Clamp(divergence / 2, 0, Most), Math.Min(1, variation / 2));
    }

    static double Part(double part, double middle) => part > 0 ? part * Math.Log(part / middle) : 0;
}
