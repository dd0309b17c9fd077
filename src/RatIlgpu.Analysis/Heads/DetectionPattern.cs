namespace RatIlgpu.Analysis;

/// <summary>The keys that each query should attend to: true or false for every cell <c>[query, key]</c> of a
/// pattern.</summary>
public sealed class DetectionPattern
{
    readonly bool[] cells;

    DetectionPattern(int size, bool[] cells) => (Size, this.cells) = (size, cells);

    /// <summary>Gets the number of queries, which is that of the keys.</summary>
    public int Size { get; }

    /// <summary>Gets whether a query should attend to a key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The query or key is out of range.</exception>
    public bool this[int query, int key] =>
        cells[ActivationAxes.Resolve(query, Size, "query") * Size + ActivationAxes.Resolve(key, Size, "key")];

    /// <summary>Makes a pattern from its cells.</summary>
    /// <param name="cells"><c>[query, key]</c>: 1 where attention should go, else 0; square, and 0 where the key is
    /// after the query.</param>
    /// <exception cref="ArgumentException">The cells are not square, or one is not 0 or 1, or one after its query is
    /// 1.</exception>
    public static DetectionPattern Of(int[,] cells)
    {
        var (size, keys) = (cells.GetLength(0), cells.GetLength(1));
        if (size != keys)
            throw new ArgumentException(
                $"The detection pattern has {size} queries and {keys} keys, expected as many of both.");
        var found = new bool[size * size];
        for (var query = 0; query < size; query++)
            for (var key = 0; key < size; key++)
                found[query * size + key] = (cells[query, key], key > query) switch
                {
                    (0, _) => false,
                    (1, false) => true,
                    (1, true) => throw new ArgumentException(
                        $"The detection pattern has a 1 at query {query}, key {key}, but no query sees a later key."),
                    var (cell, _) => throw new ArgumentException(
                        $"The detection pattern has {cell} at query {query}, key {key}, expected 0 or 1."),
                };
        return new(size, found);
    }

    /// <summary>Returns the pattern of a kind of head over a prompt.</summary>
    /// <param name="kind">The kind of head.</param>
    /// <param name="tokenIds">The prompt.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not a member of
    /// <see cref="HeadPatternKind"/>.</exception>
    public static DetectionPattern For(HeadPatternKind kind, ReadOnlySpan<int> tokenIds)
    {
        var size = tokenIds.Length;
        var cells = new bool[size * size];
        for (var query = 0; query < size; query++)
            for (var key = 0; key <= query; key++)
                cells[query * size + key] = kind switch
                {
                    HeadPatternKind.PreviousToken => key == query - 1,
                    HeadPatternKind.DuplicateToken => key < query && tokenIds[key] == tokenIds[query],
                    HeadPatternKind.Induction => key > 0 && tokenIds[key - 1] == tokenIds[query],
                    _ => throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} is no kind of head."),
                };
        return new(size, cells);
    }

    /// <summary>Returns the cells of some positions.</summary>
    internal DetectionPattern At(ImmutableArray<int> positions)
    {
        if (positions.Length == Size)
            return this;
        var found = new bool[positions.Length * positions.Length];
        for (var query = 0; query < positions.Length; query++)
            for (var key = 0; key <= query; key++)
                found[query * positions.Length + key] = this[positions[query], positions[key]];
        return new(positions.Length, found);
    }

    /// <summary>Returns the row of a query, <c>[keys]</c>.</summary>
    internal ReadOnlySpan<bool> Row(int query) => cells.AsSpan(query * Size, Size);
}

/// <summary>The known kinds of heads, by the keys that they attend to.</summary>
public enum HeadPatternKind
{
    /// <summary>The token before: query i, key i − 1.</summary>
    PreviousToken,

    /// <summary>Earlier occurrences of the same token: query i, keys j &lt; i with the token of i.</summary>
    DuplicateToken,

    /// <summary>The tokens after earlier occurrences of the same token: query i, keys j ≤ i with the token of i at j −
    /// 1.</summary>
    Induction,
}
