namespace RatIlgpu.Ilgpu;

static class SumCellsOneThreadKernel
{
    /// <summary>One thread per share of the rows of all heads: adds up the cells of a row.</summary>
    public static void Run(ArrayView<float> pattern, CellLists lists, ArrayView<float> result)
    {
        var end = Share.End(result.Length);
        for (var i = Share.First(result.Length); i < end; i++)
        {
            var (head, row) = (i / lists.Rows, i % lists.Rows);
            var first = lists.Starts[row];
            result[i] = Leaf.SumCells(
                pattern, head * lists.CellsOfHead, lists.Cells, lists.Weights, first, lists.Starts[row + 1] - first);
        }
    }
}

static class EntropyOneThreadKernel
{
    /// <summary>One thread per share of the rows: <c>−Σ p ln p</c> over the keys.</summary>
    public static void Run(ArrayView<float> pattern, int keys, ArrayView<float> result)
    {
        var end = Share.End(result.Length);
        for (var row = Share.First(result.Length); row < end; row++)
            result[row] = Leaf.Entropy(pattern, row * keys, keys);
    }
}
