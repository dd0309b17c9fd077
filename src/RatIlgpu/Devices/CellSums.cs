namespace RatIlgpu.Devices;

/// <summary>Names the cells of a pattern that are added up, and their weights: row <c>r</c> has the cells from
/// <c>Starts[r]</c> to before <c>Starts[r + 1]</c>. One object serves the patterns of all heads and layers.</summary>
public sealed class CellSums
{
    readonly ImmutableArray<double> exact;

    /// <summary>Makes the sums of some rows.</summary>
    /// <param name="queries">The queries of a pattern, at least 0.</param>
    /// <param name="keys">The keys of a pattern, at least 0; it has at most 2³¹ − 1 cells.</param>
    /// <param name="starts"><c>[rows + 1]</c>: the first cell of each row, ascending from 0 to the number of cells,
    /// which comes last. A row may be empty.</param>
    /// <param name="cells"><c>[n]</c>: the cells of all rows, each <c>query · keys + key</c>, in any order and more
    /// than once.</param>
    /// <param name="weights"><c>[n]</c>: the factor of each cell, finite as a float32: devices round it to
    /// that.</param>
    /// <exception cref="ArgumentException">The starts do not fit the cells, or there is another number of weights, or a
    /// weight is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A pattern has fewer than 0 or too many cells, or does not have one
    /// of the cells.</exception>
    public CellSums(
        int queries, int keys, ImmutableArray<int> starts, ImmutableArray<int> cells, ImmutableArray<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(queries);
        ArgumentOutOfRangeException.ThrowIfNegative(keys);
        if ((long)queries * keys > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(keys), FormattableString.Invariant(
                $"CellSums: {queries} queries and {keys} keys are more than {int.MaxValue} cells."));
        (Queries, Keys) = (queries, keys);
        (Starts, Cells, exact) = (OrEmpty(starts), OrEmpty(cells), OrEmpty(weights));
        Weights = [.. exact.Select(weight => (float)weight)];
        NeedStarts();
        NeedCells();
    }

    /// <summary>Gets the queries of a pattern.</summary>
    public int Queries { get; }

    /// <summary>Gets the keys of a pattern.</summary>
    public int Keys { get; }

    /// <summary>Gets the number of sums.</summary>
    public int RowCount => Starts.Length - 1;

    /// <summary>Gets the first cell of each row, and the number of cells: <c>[rows + 1]</c>.</summary>
    public ImmutableArray<int> Starts { get; }

    /// <summary>Gets the cells of all rows, each <c>query · keys + key</c>.</summary>
    public ImmutableArray<int> Cells { get; }

    /// <summary>Gets the factor of each cell, as devices use it.</summary>
    public ImmutableArray<float> Weights { get; }

    /// <summary>Computes the sums of one head in double, the cells of a row in their order.</summary>
    /// <param name="pattern"><c>[queries, keys]</c>.</param>
    /// <param name="result"><c>[rows]</c>; 0 for an empty row.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Sum(ReadOnlySpan<double> pattern, Span<double> result)
    {
        if (pattern.Length != Queries * Keys)
            throw Unfit($"the pattern has {pattern.Length} cells, expected {Queries} · {Keys}");
        if (result.Length != RowCount)
            throw Unfit($"result has room for {result.Length} numbers, expected {RowCount}");
        for (var row = 0; row < result.Length; row++)
        {
            var sum = 0.0;
            for (var i = Starts[row]; i < Starts[row + 1]; i++)
                sum += exact[i] * pattern[Cells[i]];
            result[row] = sum;
        }
    }

    static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array;

    static ArgumentException Unfit(FormattableString found) =>
        new(FormattableString.Invariant($"CellSums: {FormattableString.Invariant(found)}."));

    void NeedStarts()
    {
        if (Starts.IsEmpty || Starts[0] != 0)
            throw Unfit(Starts.IsEmpty
                ? (FormattableString)$"there are no starts, expected 0 first"
                : $"starts[0] is {Starts[0]}, expected 0");
        for (var row = 1; row < Starts.Length; row++)
            if (Starts[row] < Starts[row - 1])
                throw Unfit(
                    $"starts[{row}] is {Starts[row]}, expected at least {Starts[row - 1]}, the start before it");
        if (Starts[^1] != Cells.Length)
            throw Unfit($"starts[{RowCount}] is {Starts[^1]}, expected {Cells.Length}, the number of cells");
    }

    void NeedCells()
    {
        var (cells, weights) = (Cells, Weights);
        if (weights.Length != cells.Length)
            throw Unfit($"there are {weights.Length} weights, expected {cells.Length}, one for each cell");
        for (var i = 0; i < cells.Length; i++)
            if ((uint)cells[i] >= (uint)(Queries * Keys))
                throw new ArgumentOutOfRangeException(nameof(cells), FormattableString.Invariant(
                    $"CellSums: cells[{i}] is {cells[i]}, a pattern has the cells 0 to {Queries * Keys - 1}."));
            else if (!float.IsFinite(weights[i]))
                throw Unfit($"weights[{i}] is {weights[i]}, expected a finite number");
    }
}
