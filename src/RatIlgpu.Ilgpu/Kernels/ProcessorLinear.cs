namespace RatIlgpu.Ilgpu;

static class ProcessorLinearKernel
{
    /// <summary>The most rows of the result that a thread computes.</summary>
    public const int Rows = 64;

    /// <summary>The most columns of the result that a thread computes: their weights stay in its cache.</summary>
    public const int Columns = 16;

    /// <summary>One thread per block of the result of one product, for processors, whose threads share no memory that
    /// is faster than their caches: <c>result = factor·x·weightᵀ + bias</c>, or added to the result.</summary>
    public static void Run<TStored, TDots>(
        ArrayView<float> x, ArrayView<TStored> weight, ProductSizes sizes, ArrayView<float> result)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
    {
        var blocks = (sizes.Columns + Columns - 1) / Columns;
        var (firstRow, firstColumn) = (Grid.IdxX / blocks * Rows, Grid.IdxX % blocks * Columns);
        var (endRow, endColumn) = (
            IntrinsicMath.Min(firstRow + Rows, sizes.Rows), IntrinsicMath.Min(firstColumn + Columns, sizes.Columns));
        for (var row = firstRow; row < endRow; row += 4)
            for (var column = firstColumn; column < endColumn; column += 4)
                if (row == sizes.Rows - 1)
                    Results.StoreRow(
                        result, sizes, Grid.IdxY, row, column, DotOne<TStored, TDots>(x, weight, sizes, row, column));
                else
                    Results.Store(
                        result, sizes, Grid.IdxY, row, column, Dot<TStored, TDots>(x, weight, sizes, row, column));
    }

    static Tile16 Dot<TStored, TDots>(
        ArrayView<float> x, ArrayView<TStored> weight, ProductSizes sizes, int row, int column)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
    {
        var (fromX, fromWeight) = (X(sizes, row), Weight(sizes, column));
        Tile16 sums = default;
        for (var start = 0; start < sizes.Inner; start += DotTile.Most)
            sums.Add(default(TDots).Dot(
                ref x[fromX + start], sizes.XRow, sizes.Rows - row,
                ref weight[fromWeight + start], sizes.YColumn, sizes.Columns - column,
                IntrinsicMath.Min(DotTile.Most, sizes.Inner - start)));
        return sums;
    }

    static Float4 DotOne<TStored, TDots>(
        ArrayView<float> x, ArrayView<TStored> weight, ProductSizes sizes, int row, int column)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
    {
        var (fromX, fromWeight) = (X(sizes, row), Weight(sizes, column));
        Float4 sums = default;
        for (var start = 0; start < sizes.Inner; start += DotTile.Most)
            sums.Add(default(TDots).DotOne(
                ref x[fromX + start], ref weight[fromWeight + start], sizes.YColumn,
                sizes.Columns - column, IntrinsicMath.Min(DotTile.Most, sizes.Inner - start)));
        return sums;
    }

    static long X(ProductSizes sizes, int row) => Grid.IdxY * sizes.XBatch + row * sizes.XRow;

    static long Weight(ProductSizes sizes, int column) =>
        Grid.IdxY / sizes.Group * sizes.YBatch + column * sizes.YColumn;
}
