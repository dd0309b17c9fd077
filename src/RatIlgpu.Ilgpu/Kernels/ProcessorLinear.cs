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
                        result, sizes, Grid.IdxY, row, column, DotOne<TStored, TDots>(
                            x, weight, Weight(sizes, column), sizes.Columns - column, sizes, row));
                else
                    Results.Store(
                        result, sizes, Grid.IdxY, row, column, Dot<TStored, TDots>(
                            x, weight, Weight(sizes, column), sizes.Columns - column, sizes, row));
    }

    /// <summary>The products of four rows with the four columns from a place on, or with as many as there
    /// are.</summary>
    public static Tile16 Dot<TStored, TDots>(
        ArrayView<float> x, ArrayView<TStored> weight, long fromWeight, int columns, ProductSizes sizes, int row)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
    {
        var fromX = X(sizes, row);
        Tile16 sums = default;
        for (var start = 0; start < sizes.Inner; start += DotTile.Most)
            sums.Add(default(TDots).Dot(
                ref x[fromX + start], sizes.XRow, sizes.Rows - row,
                ref weight[fromWeight + start], sizes.YColumn, columns,
                IntrinsicMath.Min(DotTile.Most, sizes.Inner - start)));
        return sums;
    }

    /// <summary>The products of one row with these columns.</summary>
    public static Float4 DotOne<TStored, TDots>(
        ArrayView<float> x, ArrayView<TStored> weight, long fromWeight, int columns, ProductSizes sizes, int row)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
    {
        var fromX = X(sizes, row);
        Float4 sums = default;
        for (var start = 0; start < sizes.Inner; start += DotTile.Most)
            sums.Add(default(TDots).DotOne(
                ref x[fromX + start], ref weight[fromWeight + start], sizes.YColumn,
                columns, IntrinsicMath.Min(DotTile.Most, sizes.Inner - start)));
        return sums;
    }

    static long X(ProductSizes sizes, int row) => Grid.IdxY * sizes.XBatch + row * sizes.XRow;

    static long Weight(ProductSizes sizes, int column) =>
        Grid.IdxY / sizes.Group * sizes.YBatch + column * sizes.YColumn;
}

static class ProcessorPairsKernel
{
    /// <summary>The most pairs of columns that a thread computes.</summary>
    public const int Pairs = ProcessorLinearKernel.Columns / 2;

    /// <summary>One thread per block of the products of pairs of columns, for processors. Four pairs from a multiple of
    /// four on lie in neighbouring rows of the weights.</summary>
    public static void Run<TStored, TDots, TPairs>(ArrayView<float> x, TPairs pairs, ProductSizes sizes)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
        where TPairs : struct, IPairs<TStored>
    {
        var blocks = (pairs.Count + Pairs - 1) / Pairs;
        var (firstRow, firstPair) = (Grid.IdxX / blocks * ProcessorLinearKernel.Rows, Grid.IdxX % blocks * Pairs);
        var endRow = IntrinsicMath.Min(firstRow + ProcessorLinearKernel.Rows, sizes.Rows);
        var endPair = IntrinsicMath.Min(firstPair + Pairs, pairs.Count);
        for (var row = firstRow; row < endRow; row += 4)
            for (var pair = firstPair; pair < endPair; pair += 4)
                if (row == sizes.Rows - 1)
                    One<TStored, TDots, TPairs>(x, pairs, sizes, row, pair);
                else
                    Four<TStored, TDots, TPairs>(x, pairs, sizes, row, pair);
    }

    static void Four<TStored, TDots, TPairs>(ArrayView<float> x, TPairs pairs, ProductSizes sizes, int row, int pair)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
        where TPairs : struct, IPairs<TStored>
    {
        var (at, count) = (pairs.At(pair), pairs.Count - pair);
        var low = ProcessorLinearKernel.Dot<TStored, TDots>(x, at.Low, at.LowPlace, count, sizes, row);
        var high = ProcessorLinearKernel.Dot<TStored, TDots>(x, at.High, at.HighPlace, count, sizes, row);
        Store<TStored, TPairs>(pairs, row, pair, low.A, high.A);
        Store<TStored, TPairs>(pairs, row + 1, pair, low.B, high.B);
        Store<TStored, TPairs>(pairs, row + 2, pair, low.C, high.C);
        Store<TStored, TPairs>(pairs, row + 3, pair, low.D, high.D);
    }

    static void One<TStored, TDots, TPairs>(ArrayView<float> x, TPairs pairs, ProductSizes sizes, int row, int pair)
        where TStored : unmanaged
        where TDots : struct, IDotTile<TStored>
        where TPairs : struct, IPairs<TStored>
    {
        var (at, count) = (pairs.At(pair), pairs.Count - pair);
        Store<TStored, TPairs>(
            pairs, row, pair,
            ProcessorLinearKernel.DotOne<TStored, TDots>(x, at.Low, at.LowPlace, count, sizes, row),
            ProcessorLinearKernel.DotOne<TStored, TDots>(x, at.High, at.HighPlace, count, sizes, row));
    }

    static void Store<TStored, TPairs>(TPairs pairs, int row, int pair, Float4 low, Float4 high)
        where TStored : unmanaged
        where TPairs : struct, IPairs<TStored>
    {
        pairs.Store(row, pair, low.X, high.X);
        pairs.Store(row, pair + 1, low.Y, high.Y);
        pairs.Store(row, pair + 2, low.Z, high.Z);
        pairs.Store(row, pair + 3, low.W, high.W);
    }
}
