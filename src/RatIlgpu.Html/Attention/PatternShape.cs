namespace RatIlgpu.Html;

/// <summary>The cells of an attention pattern, in the order of their queries, then of their keys.</summary>
/// <param name="Tokens">The number of queries and of keys.</param>
/// <param name="IsCausal">Whether a query has no cells after itself.</param>
readonly record struct PatternShape(int Tokens, bool IsCausal)
{
    /// <summary>Gets the number of cells.</summary>
    public int CellCount => StartOf(Tokens);

    /// <summary>Returns the index of the first cell of a query.</summary>
    public int StartOf(int query) => checked(IsCausal ? (int)((long)query * (query + 1) / 2) : query * Tokens);

    /// <summary>Returns the number of cells of a query.</summary>
    public int LengthOf(int query) => IsCausal ? query + 1 : Tokens;
}
