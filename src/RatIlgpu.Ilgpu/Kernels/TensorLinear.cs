namespace RatIlgpu.Ilgpu;

/// <summary>How linear layers with BF16 weights use tensor cores.</summary>
enum TensorCores
{
    /// <summary>They do not use them.</summary>
    Unused,

    /// <summary>Activations are split so that every product is exact.</summary>
    Exact,

    /// <summary>Activations are rounded to BF16: faster, and less accurate than this library promises.</summary>
    Rounded,
}

/// <summary>The number of BF16 parts into which an F32 activation is split for tensor cores.</summary>
interface ITensorParts
{
    int Count { get; }
}

/// <summary>Three parts hold all 24 bits of an F32 number: every product is exact.</summary>
readonly struct ExactParts : ITensorParts
{
    public int Count => 3;
}

/// <summary>One part: activations are rounded to BF16, with relative errors up to 2⁻⁹.</summary>
readonly struct RoundedParts : ITensorParts
{
    public int Count => 1;
}

/// <summary>Two pairs of BF16 numbers that one instruction loads.</summary>
struct UInt2
{
    public uint X;
    public uint Y;
}

static class TensorLinearKernel
{
    /// <summary>The threads of a group: four warps, each of which computes a quarter of a tile.</summary>
    public const int GroupSize = 128;

    /// <summary>The rows and columns of a tile.</summary>
    public const int Width = 64;

    /// <summary>The length of the inner axis that lies in shared memory at a time; the whole axis is a multiple of
    /// it.</summary>
    public const int Depth = 16;

    // The pairs of a row in shared memory: 8 with numbers, and 4 that put the lanes of a load into different banks.
    const int Stride = 12;
    const int Plane = Width * Stride;

    /// <summary>One group per tile, on tensor cores, with BF16 weights: <c>result = x·weightᵀ</c>, or added to the
    /// result.</summary>
    /// <remarks>Tensor cores truncate when they add. They therefore add only few products, and ordinary additions add
    /// these sums. For rows and outputs behind the last, the kernel reads the last and stores nothing.</remarks>
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
                // Copied first, to be one vector load: findings/ilgpu-view-fields.sh.
                var pairs = weight[fromW];
                ws[row * Stride + k * 2] = pairs.X;
                ws[row * Stride + k * 2 + 1] = pairs.Y;
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

    // Rounds to the nearest BF16 number, ties to even; its bits are the upper half of the result.
    static uint RoundToBF16(float x)
    {
        var bits = Interop.FloatAsInt(x);
        return (bits + 0x7FFFu + (bits >> 16 & 1u)) & 0xFFFF0000u;
    }
}
