namespace RatIlgpu.Ilgpu;

/// <summary>Stores what is inside the result of the sums of a thread.</summary>
static class Results
{
    public static void Store(ArrayView<float> result, ProductSizes sizes, int batch, int row, int column, Tile16 sums)
    {
        StoreRow(result, sizes, batch, row, column, sums.A);
        StoreRow(result, sizes, batch, row + 1, column, sums.B);
        StoreRow(result, sizes, batch, row + 2, column, sums.C);
        StoreRow(result, sizes, batch, row + 3, column, sums.D);
    }

    static void StoreRow(ArrayView<float> result, ProductSizes sizes, int batch, int row, int column, Float4 sums)
    {
        if (row >= sizes.Rows)
            return;
        var place = batch * sizes.ResultBatch + row * sizes.ResultRow + column;
        StoreOne(result, sizes, place, column, sums.X);
        StoreOne(result, sizes, place + 1, column + 1, sums.Y);
        StoreOne(result, sizes, place + 2, column + 2, sums.Z);
        StoreOne(result, sizes, place + 3, column + 3, sums.W);
    }

    public static void StoreOne(ArrayView<float> result, ProductSizes sizes, long place, int column, float sum)
    {
        if (column < sizes.Columns)
            result[place] = sizes.Accumulate != 0 ? result[place] + sum * sizes.Factor : sum * sizes.Factor;
    }
}
