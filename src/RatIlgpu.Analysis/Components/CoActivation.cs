namespace RatIlgpu.Analysis;

/// <summary>How often a key component and a value component are active at the same tokens.</summary>
/// <remarks>The products of counts are whole numbers of 128 bits, so that no difference of large counts is
/// rounded.</remarks>
/// <param name="Tokens">The tokens n.</param>
/// <param name="Key">The tokens at which the key component is active.</param>
/// <param name="Value">The tokens at which the value component is active.</param>
/// <param name="Both">The tokens at which both are.</param>
public readonly record struct CoActivation(long Tokens, long Key, long Value, long Both)
{
    /// <summary>Gets the tokens at which both would be active if they were independent, <c>n_k n_v / n</c>; 0 without
    /// tokens.</summary>
    public double Expected => Ratio((Int128)Key * Value, Tokens);

    /// <summary>Gets the correlation φ, in [−1, 1]; 0 where a component is always or never active.</summary>
    public double Phi
    {
        get
        {
            var rooted = Root(Key) * Root(Value);
            return rooted == 0
                ? 0
                : (double)(((Int128)Tokens * Both) - ((Int128)Key * Value)) / rooted;
        }
    }

    /// <summary>Gets the tokens at which both are active as a share of those at which one is, in [0, 1]; 0 where none
    /// is.</summary>
    public double Jaccard => Ratio(Both, (Int128)Key + Value - Both);

    /// <summary>Gets the share of the tokens of the key component at which the value component is active, in [0, 1]; 0
    /// without such tokens.</summary>
    public double ValueGivenKey => Ratio(Both, Key);

    /// <summary>Gets the share of the tokens of the value component at which the key component is active, in [0, 1]; 0
    /// without such tokens.</summary>
    public double KeyGivenValue => Ratio(Both, Value);

    // The root of n_k (n − n_k), by itself: the product of both may be beyond 128 bits.
    double Root(long count) => Math.Sqrt((double)((Int128)count * (Tokens - count)));

    static double Ratio(Int128 part, Int128 whole) => whole == 0 ? 0 : (double)part / (double)whole;
}
