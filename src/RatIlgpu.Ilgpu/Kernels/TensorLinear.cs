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

/// <summary>The number of warps along each side of a tile; each computes 32 by 32 numbers.</summary>
interface ITensorTile
{
    int Side { get; }
}

/// <summary>64 by 64 numbers by 128 threads.</summary>
readonly struct SmallTensorTile : ITensorTile
{
    public int Side => 2;
}

/// <summary>128 by 128 numbers by 512 threads, which read and split each activation half as often.</summary>
readonly struct LargeTensorTile : ITensorTile
{
    public int Side => 4;
}

static class TensorLinearKernel
{
    /// <summary>The rows and columns of a warp.</summary>
    public const int WarpWidth = 32;

    /// <summary>The length of the inner axis that lies in shared memory at a time; the whole axis is a multiple of
    /// it.</summary>
    public const int Depth = 16;

    // The pairs of a row in shared memory: 8 with numbers, and 4 that put the lanes of a load into different banks.
    const int Stride = 12;

    /// <summary>One group per tile, on tensor cores, with BF16 weights. A lane's sums lie two by two in neighbouring
    /// columns of the tile, which are the pairs.</summary>
    /// <remarks>Tensor cores truncate when they add. They therefore add only few products, and ordinary additions add
    /// these sums. While one step of the inner axis is multiplied, the next is on its way: weights to the other half of
    /// shared memory, activations to registers. For rows and columns behind the last, the kernel reads the last and
    /// stores nothing.</remarks>
    public static void Run<TTile, TParts, TPairs>(ArrayView<Float4> x, TPairs pairs, ProductSizes sizes)
        where TTile : struct, ITensorTile
        where TParts : struct, ITensorParts
        where TPairs : struct, IPairs<UInt2>
    {
        var width = default(TTile).Side * WarpWidth;
        var plane = default(TTile).Side * WarpWidth * Stride;
        // Allocated as fours, which puts every row at a multiple of 16 bytes.
        var xs = SharedMemory.Allocate<UInt4>(
            2 * default(TTile).Side * WarpWidth * Stride * default(TParts).Count / 4).Cast<uint>();
        var ws = SharedMemory.Allocate<UInt4>(2 * default(TTile).Side * WarpWidth * Stride / 4).Cast<uint>();
        var tiles = (pairs.Count * 2 + width - 1) / width;
        var (firstRow, firstPair) = (Grid.IdxX / tiles * width, Grid.IdxX % tiles * (width / 2));
        var (warp, lane) = (Group.IdxX / 32, LanePlaces.Of(Group.IdxX % 32, Stride));
        var (ownRow, ownColumn) = (
            warp % default(TTile).Side * WarpWidth, warp / default(TTile).Side * WarpWidth);

        var moves = TensorMoves.Of(pairs, sizes, firstRow, firstPair, Stride);
        TensorTile sums = default;
        for (var step = -Depth / 4; step < sizes.Inner / 4; step += Depth / 4)
        {
            var coming = step + Depth / 4;
            var (from, to) = (step / (Depth / 4) & 1, coming / (Depth / 4) & 1);
            if (coming < sizes.Inner / 4)
                moves.Start<TTile>(x, ws.Cast<UInt2>(), to * plane, coming);
            if (step >= 0)
            {
                TensorTile few = default;

                // The smallest part first.
                for (var part = default(TParts).Count - 1; part >= 0; part--)
                    few.Add(
                        xs, (from * default(TParts).Count + part) * plane + ownRow * Stride, ws,
                        from * plane + ownColumn * Stride, lane);
                sums.Add(few);
            }

            if (coming < sizes.Inner / 4)
                moves.Split<TTile, TParts>(xs, to * default(TParts).Count * plane, plane);
            AsyncCopy.Wait();
            Barrier.Wait();
        }

        sums.Store(
            pairs, firstRow + ownRow + Group.IdxX % 32 / 4, firstPair + ownColumn / 2 + Group.IdxX % 4);
    }
}

/// <summary>What a thread moves at a step of the inner axis: four numbers of a row and of a column, or of two that lie
/// half a tile apart. A four of numbers waits in registers until it is split.</summary>
struct TensorMoves
{
    ArrayView<UInt2> weights;
    ArrayView<UInt2> weights2;
    long fromX;
    long fromW;
    long fromX2;
    long fromW2;
    int place;
    int place2;
    Float4 next;
    Float4 next2;

    /// <summary>The moves of this thread.</summary>
    public static TensorMoves Of<TPairs>(TPairs pairs, ProductSizes sizes, int firstRow, int firstPair, int stride)
        where TPairs : struct, IPairs<UInt2>
    {
        var (row, k, inner, half) = (Group.IdxX / 4, Group.IdxX % 4, sizes.Inner / 4, Group.DimX / 4);
        var last = pairs.Count - 1;
        var pair = pairs.At(IntrinsicMath.Min(firstPair + row / 2, last));
        var pair2 = pairs.At(IntrinsicMath.Min(firstPair + (row + half) / 2, last));
        var isLow = row % 2 == 0;
        return new()
        {
            weights = isLow ? pair.Low : pair.High,
            weights2 = isLow ? pair2.Low : pair2.High,
            fromX = (long)IntrinsicMath.Min(firstRow + row, sizes.Rows - 1) * inner + k,
            fromW = (isLow ? pair.LowPlace : pair.HighPlace) / 4 + k,
            fromX2 = (long)IntrinsicMath.Min(firstRow + row + half, sizes.Rows - 1) * inner + k,
            fromW2 = (isLow ? pair2.LowPlace : pair2.HighPlace) / 4 + k,
            place = row * stride + k * 2,
            place2 = (row + half) * stride + k * 2,
        };
    }

    /// <summary>Starts to copy weights to shared memory, and loads activations.</summary>
    public void Start<TTile>(ArrayView<Float4> x, ArrayView<UInt2> ws, int first, int step)
        where TTile : struct, ITensorTile
    {
        AsyncCopy.Start(ref weights[fromW + step], ref ws[(first + place) / 2]);
        next = x[fromX + step];
        if (default(TTile).Side != 2)
            return;
        AsyncCopy.Start(ref weights2[fromW2 + step], ref ws[(first + place2) / 2]);
        next2 = x[fromX2 + step];
    }

    /// <summary>Splits the activations into shared memory.</summary>
    public readonly void Split<TTile, TParts>(ArrayView<uint> xs, int first, int plane)
        where TTile : struct, ITensorTile
        where TParts : struct, ITensorParts
    {
        Split<TParts>(xs, first + place, plane, next);
        if (default(TTile).Side == 2)
            Split<TParts>(xs, first + place2, plane, next2);
    }

    static void Split<TParts>(ArrayView<uint> xs, int place, int plane, Float4 four)
        where TParts : struct, ITensorParts
    {
        for (var part = 0; part < default(TParts).Count; part++)
        {
            var (x, y, z, w) = (RoundToBF16(four.X), RoundToBF16(four.Y), RoundToBF16(four.Z), RoundToBF16(four.W));
            xs[part * plane + place] = x >> 16 | y;
            xs[part * plane + place + 1] = z >> 16 | w;
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
