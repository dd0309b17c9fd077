using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>Which keys each query should attend to: yes or no for every cell <c>[query, key]</c> of a
/// pattern.</summary>
public sealed class DetectionPattern
{
    readonly bool[] cells;

    DetectionPattern(int size, bool[] cells) => (Size, this.cells) = (size, cells);

    /// <summary>Gets how many queries there are, and keys.</summary>
    public int Size { get; }

    /// <summary>Gets whether a query should attend to a key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such query or key.</exception>
    public bool this[int query, int key] =>
        cells[RecordedAxes.Resolve(query, Size, "query") * Size + RecordedAxes.Resolve(key, Size, "key")];

    /// <summary>Makes a mask of one's own.</summary>
    /// <param name="cells"><c>[query, key]</c>: 1 where attention should go, else 0; square, and 0 where the key comes
    /// after the query, which no query can see.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static DetectionPattern Of(int[,] cells)
    {
        var (size, keys) = (cells.GetLength(0), cells.GetLength(1));
        if (size != keys)
            throw new ArgumentException($"The mask has {size} queries and {keys} keys, expected as many of both.");
        var found = new bool[size * size];
        for (var query = 0; query < size; query++)
            for (var key = 0; key < size; key++)
                found[query * size + key] = (cells[query, key], key > query) switch
                {
                    (0, _) => false,
                    (1, false) => true,
                    (1, true) => throw new ArgumentException(
                        $"The mask has a 1 at query {query}, key {key}, but no query sees a later key."),
                    var (cell, _) => throw new ArgumentException(
                        $"The mask has {cell} at query {query}, key {key}, expected 0 or 1."),
                };
        return new(size, found);
    }

    /// <summary>Returns the mask of a kind of head over a prompt.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="tokenIds">The prompt.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
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

    /// <summary>Returns what the mask says of some positions.</summary>
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

    /// <summary>Returns which keys a query should attend to, <c>[keys]</c>.</summary>
    internal ReadOnlySpan<bool> Row(int query) => cells.AsSpan(query * Size, Size);
}

/// <summary>Which keys a head of a known kind attends to.</summary>
public enum HeadPatternKind
{
    /// <summary>The token before: query i, key i − 1.</summary>
    PreviousToken,

    /// <summary>Earlier occurrences of the same token: query i, keys j &lt; i with the token of i.</summary>
    DuplicateToken,

    /// <summary>The tokens behind earlier occurrences of the same token: query i, keys j ≤ i whose token before is that
    /// of i.</summary>
    Induction,
}
