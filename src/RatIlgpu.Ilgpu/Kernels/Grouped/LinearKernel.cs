namespace RatIlgpu.Ilgpu;

static class LinearKernel
{
    /// <summary>How much of the inner axis lies in shared memory at a time; the axis is a multiple.</summary>
    public const int Depth = 16;

    /// <summary>One group per tile, everything loaded in fours: <c>result = x·weightᵀ</c>, or added to what is
    /// there.</summary>
    /// <remarks>Rows and outputs beyond the last are read as the last, and not stored.</remarks>
    public static void Run<TTile, TFour, TWidening>(
        ArrayView<Float4> x, ArrayView<TFour> weight, ProductSizes sizes, ArrayView<float> result)
        where TTile : struct, ITile
        where TFour : unmanaged
        where TWidening : struct, IFourWidening<TFour>
    {
        // A row of shared memory is a step along the inner axis; four numbers more keep steps in other banks.
        var xs = SharedMemory.Allocate<Float4>(Depth * (default(TTile).Side + 1));
        var ws = SharedMemory.Allocate<Float4>(Depth * (default(TTile).Side + 1));
        var width = default(TTile).Side * 4;
        var tiles = (sizes.Columns + width - 1) / width;
        var (firstRow, firstColumn) = (Grid.IdxX / tiles * width, Grid.IdxX % tiles * width);
        var (atX, atW) = (Group.IdxX / default(TTile).Side, Group.IdxX % default(TTile).Side);
        var (inner, step) = (sizes.Inner / 4, default(TTile).Side + 1);
        Tile16 sums = default;
        for (var start = 0; start < inner; start += Depth / 4)
        {
            for (var i = Group.IdxX; i < width * Depth / 4; i += Group.DimX)
            {
                var (row, k) = (i / (Depth / 4), i % (Depth / 4));
                var place = k * 4 * (width + 4) + row;
                var fromX = (long)IntrinsicMath.Min(firstRow + row, sizes.Rows - 1) * inner + start + k;
                var fromWeight = (long)IntrinsicMath.Min(firstColumn + row, sizes.Columns - 1) * inner + start + k;
                Turn(xs.Cast<float>(), place, width + 4, x[fromX]);
                Turn(ws.Cast<float>(), place, width + 4, default(TWidening).WidenFour(weight[fromWeight]));
            }

            Barrier.Wait();
            Tile16 even = default, odd = default;
            for (var k = 0; k < Depth * step; k += 4 * step)
            {
                // By hand: neither ILGPU nor the driver unrolls.
                even.Add(xs[atX + k], ws[atW + k]);
                odd.Add(xs[atX + k + step], ws[atW + k + step]);
                even.Add(xs[atX + k + 2 * step], ws[atW + k + 2 * step]);
                odd.Add(xs[atX + k + 3 * step], ws[atW + k + 3 * step]);
            }

            even.Add(odd);
            sums.Add(even);
            Barrier.Wait();
        }

        Results.Store(result, sizes, 0, firstRow + atX * 4, firstColumn + atW * 4, sums);
    }

    // Four neighbours along the inner axis come to lie below each other.
    static void Turn(ArrayView<float> tile, int place, int step, Float4 four)
    {
        tile[place] = four.X;
        tile[place + step] = four.Y;
        tile[place + 2 * step] = four.Z;
        tile[place + 3 * step] = four.W;
    }
}
