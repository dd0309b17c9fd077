namespace RatIlgpu.Ilgpu;

/// <summary>The cells of rows that are added up; a parameter of kernels.</summary>
struct CellLists
{
    /// <summary>The most cells of a row that one thread adds up.</summary>
    public const int MostOfThread = 64;

    /// <summary>The first cell of each row, and the number of cells.</summary>
    public ArrayView<int> Starts;

    public ArrayView<int> Cells;

    public ArrayView<float> Weights;

    /// <summary>The rows of more cells than one thread should add up.</summary>
    public ArrayView<int> LongRows;

    /// <summary>The numbers of the pattern of a head.</summary>
    public int CellsOfHead;

    public readonly int Rows => Starts.IntLength - 1;

    /// <summary>Makes the lists from starts, cells, weights and long rows, one after the other; at least one
    /// cell.</summary>
    public static CellLists Of(ArrayView<int> all, CellSums sums, int longRows)
    {
        var (starts, cells) = (sums.Starts.Length, sums.Cells.Length);
        return new()
        {
            Starts = all.SubView(0, starts),
            Cells = all.SubView(starts, cells),
            Weights = all.SubView(starts + cells, cells).Cast<float>(),
            LongRows = longRows == 0 ? ArrayView<int>.Empty : all.SubView(starts + 2 * cells, longRows),
            CellsOfHead = sums.Queries * sums.Keys,
        };
    }
}

static class SumCellsKernel
{
    /// <summary>One thread per head and row or several: adds up the cells of a row that is not long, in their
    /// order.</summary>
    public static void Run(ArrayView<float> pattern, CellLists lists, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
        {
            var (head, row) = (i / lists.Rows, i % lists.Rows);
            var (first, end) = (lists.Starts[row], lists.Starts[row + 1]);
            if (end - first > CellLists.MostOfThread)
                continue;
            var sum = 0f;
            for (var j = first; j < end; j++)
                sum = Fused.MultiplyAdd(lists.Weights[j], pattern[head * lists.CellsOfHead + lists.Cells[j]], sum);
            result[i] = sum;
        }
    }
}

static class SumLongRowsKernel
{
    /// <summary>One group per head and long row: adds up the cells of the row.</summary>
    public static void Run<TReduction>(ArrayView<float> pattern, CellLists lists, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var (head, row) = (
            (long)Grid.IdxX / lists.LongRows.IntLength, lists.LongRows[Grid.IdxX % lists.LongRows.IntLength]);
        var end = lists.Starts[row + 1];
        var sum = 0f;
        for (var j = lists.Starts[row] + Group.IdxX; j < end; j += Group.DimX)
            sum = Fused.MultiplyAdd(lists.Weights[j], pattern[head * lists.CellsOfHead + lists.Cells[j]], sum);
        sum = default(TReduction).Sum(sum, scratch);
        if (Group.IdxX == 0)
            result[head * lists.Rows + row] = sum;
    }
}
