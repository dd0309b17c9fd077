namespace RatIlgpu.Devices;

/// <summary>Computes <see cref="Device.SumCells"/>; a piece is a row of one head. The memory of the sums must be
/// pinned.</summary>
readonly unsafe struct SumCellsWork(
    Simd simd, float* pattern, int heads, CellSums sums, int* starts, int* cells, float* weights, float* result)
    : IRangeWork
{
    readonly long cellsOfHead = (long)sums.Queries * sums.Keys;
    readonly int rows = sums.RowCount;

    public long Count => (long)heads * rows;

    // The start of a row, and about 10 steps for each cell.
    public long StepsPerPiece => 40 + 10L * sums.Cells.Length / Math.Max(1, rows);

    public void Do(long start, long end)
    {
        for (var piece = start; piece < end; piece++)
        {
            var (head, row) = (piece / rows, piece % rows);
            var first = starts[row];
            result[piece] = (float)simd.SumCells(
                pattern + head * cellsOfHead, cells + first, weights + first, starts[row + 1] - first);
        }
    }
}

/// <summary>Computes <see cref="Device.Entropy"/>; a piece is a row.</summary>
readonly unsafe struct EntropyWork(Simd simd, float* pattern, long rows, int keys, float* result) : IRangeWork
{
    public long Count => rows;

    // A logarithm takes about as long as 10 additions.
    public long StepsPerPiece => keys * 10L;

    public void Do(long start, long end)
    {
        for (var row = start; row < end; row++)
            result[row] = (float)simd.Entropy(pattern + row * keys, keys);
    }
}
