namespace RatIlgpu.Ilgpu;

static class ProductKernel
{
    // How much of the inner axis lies in shared memory at a time.
    const int Depth = 16;

    /// <summary>One group per tile of one product, wherever its numbers lie: <c>result[i, j] = factor·Σ x[i, k]·y[j,
    /// k]</c>.
    /// </summary>
    public static void Run<TTile, TStored, TWidening>(
        ArrayView<float> x, ArrayView<TStored> y, ProductSizes sizes, ArrayView<float> result)
        where TTile : struct, ITile
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        // A row of shared memory is a step along the inner axis; one number more keeps steps in other banks.
        var xs = SharedMemory.Allocate<float>(Depth * (default(TTile).Side * 4 + 1));
        var ys = SharedMemory.Allocate<float>(Depth * (default(TTile).Side * 4 + 1));
        var width = default(TTile).Side * 4;
        var tiles = (sizes.Columns + width - 1) / width;
        var (firstRow, firstColumn) = (Grid.IdxX / tiles * width, Grid.IdxX % tiles * width);
        Tile16 sums = default;
        for (var start = 0; start < sizes.Inner; start += Depth)
        {
            for (var i = Group.IdxX; i < width * Depth; i += Group.DimX)
            {
                var (row, k) = (i / Depth, i % Depth);
                xs[k * (width + 1) + row] = LoadX(x, sizes, firstRow + row, start + k);
            }

            for (var i = Group.IdxX; i < width * Depth; i += Group.DimX)
            {
                // Neighbouring threads read neighbouring numbers, whichever axis they lie along.
                var column = sizes.YInner == 1 ? i / Depth : i % width;
                var k = sizes.YInner == 1 ? i % Depth : i / width;
                ys[k * (width + 1) + column] = LoadY<TStored, TWidening>(y, sizes, firstColumn + column, start + k);
            }

            Barrier.Wait();
            var (atX, atY) = (Group.IdxX / default(TTile).Side * 4, Group.IdxX % default(TTile).Side * 4);
            Tile16 even = default, odd = default;
            for (var k = 0; k < Depth * (width + 1); k += 2 * (width + 1))
            {
                even.Add(Four(xs, k + atX), Four(ys, k + atY));
                odd.Add(Four(xs, k + width + 1 + atX), Four(ys, k + width + 1 + atY));
            }

            even.Add(odd);
            sums.Add(even);
            Barrier.Wait();
        }

        Results.Store(
            result, sizes, Grid.IdxY, firstRow + Group.IdxX / default(TTile).Side * 4,
            firstColumn + Group.IdxX % default(TTile).Side * 4, sums);
    }

    static float LoadX(ArrayView<float> x, ProductSizes sizes, int row, int k)
    {
        if (row >= sizes.Rows || k >= sizes.Inner)
            return 0;
        return x[Grid.IdxY * sizes.XBatch + row * sizes.XRow + k];
    }

    static float LoadY<TStored, TWidening>(ArrayView<TStored> y, ProductSizes sizes, int column, int k)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        if (column >= sizes.Columns || k >= sizes.Inner)
            return 0;
        var place = Grid.IdxY / sizes.Group * sizes.YBatch + column * sizes.YColumn + k * sizes.YInner;
        return default(TWidening).Widen(y[place]);
    }

    static Float4 Four(ArrayView<float> numbers, int first) => new()
    {
        X = numbers[first],
        Y = numbers[first + 1],
        Z = numbers[first + 2],
        W = numbers[first + 3],
    };
}
