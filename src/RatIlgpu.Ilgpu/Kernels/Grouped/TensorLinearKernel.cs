namespace RatIlgpu.Ilgpu;

static class TensorLinearKernel
{
    /// <summary>The threads of a group: four warps, each of which computes a quarter of the tile.</summary>
    public const int GroupSize = 128;

    /// <summary>The rows and columns of a tile.</summary>
    public const int Width = 64;

    /// <summary>How much of the inner axis lies in shared memory at a time; the axis is a multiple.</summary>
    public const int Depth = 16;

    // Pairs from one row in shared memory to the next: 8 of them, and 4 that keep the lanes of a load in other banks.
    const int Stride = 12;
    const int Plane = Width * Stride;

    /// <summary>One group per tile, on tensor cores, of BF16 weights: <c>result = x·weightᵀ</c>, or added to what is
    /// there.</summary>
    /// <remarks>Tensor cores cut off what does not fit when they add: so they add only a few products, and ordinary
    /// additions the sums of these. Rows and outputs beyond the last are read as the last, and not stored.</remarks>
    public static void Run<TParts>(
        ArrayView<Float4> x, ArrayView<UInt2> weight, ProductSizes sizes, ArrayView<float> result)
        where TParts : struct, ITensorParts
    {
        var xs = SharedMemory.Allocate<uint>(Plane * default(TParts).Count);
        var ws = SharedMemory.Allocate<uint>(Plane);
        var tiles = (sizes.Columns + Width - 1) / Width;
        var firstRow = Grid.IdxX / tiles * Width;
        var firstColumn = Grid.IdxX % tiles * Width;
        var warp = Group.IdxX / 32;
        var (group, thread) = (Group.IdxX % 32 / 4, Group.IdxX % 4);
        var (ownRow, ownColumn) = (warp % 2 * 32, warp / 2 * 32);
        TensorTile sums = default;
        for (var start = 0; start < sizes.Inner / 4; start += Depth / 4)
        {
            for (var i = Group.IdxX; i < Width * Depth / 4; i += GroupSize)
            {
                var (row, k) = (i / 4, i % 4);
                var fromX = (long)IntrinsicMath.Min(firstRow + row, sizes.Rows - 1) * (sizes.Inner / 4) + start + k;
                Split<TParts>(xs, row * Stride + k * 2, x[fromX]);
                var column = IntrinsicMath.Min(firstColumn + row, sizes.Columns - 1);
                var fromW = (long)column * (sizes.Inner / 4) + start + k;
                ws[row * Stride + k * 2] = weight[fromW].X;
                ws[row * Stride + k * 2 + 1] = weight[fromW].Y;
            }

            Barrier.Wait();
            TensorTile few = default;

            // The smallest part first.
            for (var part = default(TParts).Count - 1; part >= 0; part--)
                few.Add(
                    xs, part * Plane + (ownRow + group) * Stride + thread,
                    ws, (ownColumn + group) * Stride + thread, Stride);
            sums.Add(few);
            Barrier.Wait();
        }

        sums.Store(result, sizes, firstRow + ownRow + group, firstColumn + ownColumn + thread * 2);
    }

    static void Split<TParts>(ArrayView<uint> xs, int place, Float4 four)
        where TParts : struct, ITensorParts
    {
        for (var part = 0; part < default(TParts).Count; part++)
        {
            var (x, y, z, w) = (RoundToBF16(four.X), RoundToBF16(four.Y), RoundToBF16(four.Z), RoundToBF16(four.W));
            xs[part * Plane + place] = x >> 16 | y;
            xs[part * Plane + place + 1] = z >> 16 | w;
            four.X -= Interop.IntAsFloat(x);
            four.Y -= Interop.IntAsFloat(y);
            four.Z -= Interop.IntAsFloat(z);
            four.W -= Interop.IntAsFloat(w);
        }
    }

    // The nearest BF16 number, the even one of two, in the upper half of its bits as F32.
    static uint RoundToBF16(float x)
    {
        var bits = Interop.FloatAsInt(x);
        return (bits + 0x7FFFu + (bits >> 16 & 1u)) & 0xFFFF0000u;
    }
}
