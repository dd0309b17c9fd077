namespace RatIlgpu.Ilgpu;

static class LinearKernel
{
    /// <summary>The length of the inner axis that lies in shared memory at a time; the whole axis is a multiple of
    /// it.</summary>
    public const int Depth = 16;

    /// <summary>One group per tile of one product, all numbers loaded in fours. The four columns of a thread are two
    /// pairs: the first numbers of both, then the second.</summary>
    /// <remarks>For rows and columns behind the last, the kernel reads the last and stores nothing.</remarks>
    public static void Run<TTile, TFour, TDequantizer, TPairs>(ArrayView<Float4> x, TPairs pairs, ProductSizes sizes)
        where TTile : struct, ITile
        where TFour : unmanaged
        where TDequantizer : struct, IFourDequantizer<TFour>
        where TPairs : struct, IPairs<TFour>
    {
        // A row of shared memory holds one k; four more numbers put neighbouring rows into different banks.
        var xs = SharedMemory.Allocate<Float4>(Depth * (default(TTile).Side + 1));
        var ws = SharedMemory.Allocate<Float4>(Depth * (default(TTile).Side + 1));
        var (width, step, batch) = (default(TTile).Side * 4, default(TTile).Side + 1, Grid.IdxY * sizes.XBatch);
        var tiles = (pairs.Count * 2 + width - 1) / width;
        var (firstRow, firstPair) = (Grid.IdxX / tiles * width, Grid.IdxX % tiles * (width / 2));
        var (atX, atW) = (Group.IdxX / default(TTile).Side, Group.IdxX % default(TTile).Side);
        Tile16 sums = default;
        for (var start = 0; start < sizes.Inner / 4; start += Depth / 4)
        {
            for (var i = Group.IdxX; i < width * Depth / 4; i += Group.DimX)
            {
                var (row, k) = (i / (Depth / 4), i % (Depth / 4));
                var place = k * 4 * (width + 4) + row;
                var fromX = (batch + IntrinsicMath.Min(firstRow + row, sizes.Rows - 1) * sizes.XRow) / 4 + start + k;
                StoreTransposed(xs.Cast<float>(), place, width + 4, x[fromX]);
                var four = Weights<TFour, TDequantizer, TPairs>(pairs, firstPair, row, start + k);
                StoreTransposed(ws.Cast<float>(), place, width + 4, four);
            }

            Barrier.Wait();
            Tile16 even = default, odd = default;
            for (var k = 0; k < Depth * step; k += 4 * step)
            {
                // Unrolled by hand: neither ILGPU nor the driver unrolls.
                even.Add(xs[atX + k], ws[atW + k]);
                odd.Add(xs[atX + k + step], ws[atW + k + step]);
                even.Add(xs[atX + k + 2 * step], ws[atW + k + 2 * step]);
                odd.Add(xs[atX + k + 3 * step], ws[atW + k + 3 * step]);
            }

            even.Add(odd);
            sums.Add(even);
            Barrier.Wait();
        }

        Store<TFour, TPairs>(pairs, firstRow + atX * 4, firstPair + atW * 2, sums.A);
        Store<TFour, TPairs>(pairs, firstRow + atX * 4 + 1, firstPair + atW * 2, sums.B);
        Store<TFour, TPairs>(pairs, firstRow + atX * 4 + 2, firstPair + atW * 2, sums.C);
        Store<TFour, TPairs>(pairs, firstRow + atX * 4 + 3, firstPair + atW * 2, sums.D);
    }

    // Four weights of a column of the tile.
    static Float4 Weights<TFour, TDequantizer, TPairs>(TPairs pairs, int firstPair, int column, int k)
        where TFour : unmanaged
        where TDequantizer : struct, IFourDequantizer<TFour>
        where TPairs : struct, IPairs<TFour>
    {
        var pair = pairs.At(IntrinsicMath.Min(firstPair + column / 4 * 2 + column % 2, pairs.Count - 1));
        return default(TDequantizer).ToF32(
            column % 4 < 2 ? pair.Low[pair.LowPlace / 4 + k] : pair.High[pair.HighPlace / 4 + k]);
    }

    static void Store<TFour, TPairs>(TPairs pairs, int row, int pair, Float4 sums)
        where TFour : unmanaged
        where TPairs : struct, IPairs<TFour>
    {
        pairs.Store(row, pair, sums.X, sums.Z);
        pairs.Store(row, pair + 1, sums.Y, sums.W);
    }

    /// <summary>Stores four consecutive numbers of a row in four rows of shared memory.</summary>
    public static void StoreTransposed(ArrayView<float> tile, int place, int step, Float4 four)
    {
        tile[place] = four.X;
        tile[place + step] = four.Y;
        tile[place + 2 * step] = four.Z;
        tile[place + 3 * step] = four.W;
    }
}

static class ProductKernel
{
    // The length of the inner axis that lies in shared memory at a time.
    const int Depth = 16;

    /// <summary>One group per tile of one product, for any strides: <c>result[i, j] = factor·Σ x[i, k]·y[j,
    /// k]</c>.</summary>
    public static void Run<TTile, TStored, TDequantizer>(
        ArrayView<float> x, ArrayView<TStored> y, ProductSizes sizes, ArrayView<float> result)
        where TTile : struct, ITile
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        // A row of shared memory holds one k; one more number puts neighbouring rows into different banks.
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
                // Neighbouring threads read neighbouring numbers, along either axis.
                var column = sizes.YInner == 1 ? i / Depth : i % width;
                var k = sizes.YInner == 1 ? i % Depth : i / width;
                ys[k * (width + 1) + column] = LoadY<TStored, TDequantizer>(y, sizes, firstColumn + column, start + k);
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

    static float LoadY<TStored, TDequantizer>(ArrayView<TStored> y, ProductSizes sizes, int column, int k)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        if (column >= sizes.Columns || k >= sizes.Inner)
            return 0;
        var place = Grid.IdxY / sizes.Group * sizes.YBatch + column * sizes.YColumn + k * sizes.YInner;
        return default(TDequantizer).ToF32(y[place]);
    }

    static Float4 Four(ArrayView<float> numbers, int first) => new()
    {
        X = numbers[first],
        Y = numbers[first + 1],
        Z = numbers[first + 2],
        W = numbers[first + 3],
    };
}
