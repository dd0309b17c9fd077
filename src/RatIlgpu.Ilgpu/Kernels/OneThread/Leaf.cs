using System.Diagnostics;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Ilgpu;

/// <summary>The leaves of the kernels of one thread: one tile of a product over at most <see cref="Block"/> numbers,
/// one block of numbers, or one row's widening, exponential, sum, maximum or end. All loops over tiles, rows, heads and
/// blocks stand in the kernels.</summary>
/// <remarks>The bodies here are vector code, and run on ILGPU's CPU accelerator; ILGPU does not compile them. The
/// bodies for PTX and OpenCL stand in <see cref="ScalarLeaf"/>. The JIT optimises leaves and the loops around them at
/// once: the first runs of a model would otherwise be several times slower.</remarks>
static unsafe class Leaf
{
    /// <summary>The most numbers of the inner axis of a tile, keys of a mix, and numbers of an elementwise leaf; a leaf
    /// that widens, exponentiates or reduces takes a whole row.</summary>
    public const int Block = 256;

    const string Loops = "The loops over tiles and blocks stand in the kernels.";

    static readonly SimdLeaves simd = SimdLeaves.At();

    /// <summary>Computes the tile <c>result[i, j] = x[i]·weight[j]</c>, or adds it to the result.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="atX">The first number of the first row.</param>
    /// <param name="weight">The bytes of the weights.</param>
    /// <param name="atWeight">The first byte of the first weight.</param>
    /// <param name="result">The result.</param>
    /// <param name="atResult">The first number of the tile.</param>
    /// <param name="strides">The strides, and the format of a weight.</param>
    /// <param name="tile">The rows, columns and inner numbers.</param>
    [IntrinsicImplementation]
    public static void Tile(
        ArrayView<float> x, long atX, ArrayView<byte> weight, long atWeight, ArrayView<float> result, long atResult,
        TileStrides strides, Tile tile)
    {
        Debug.Assert(
            tile.Rows <= SimdLeaves.MostTileRows && tile.Columns <= SimdLeaves.MostTileColumns && tile.Inner <= Block,
            Loops);
        simd.Tile(
            At(x, atX), (nint)strides.X, At(weight, atWeight), (nint)strides.Weight, (DataType)strides.Format,
            At(result, atResult), (nint)strides.Result, tile.Rows, tile.Columns, tile.Inner, (nint)strides.Ahead,
            tile.Accumulate != 0);
    }

    /// <summary>Mixes at most <see cref="Block"/> rows of values: <c>result[m] += Σₖ pattern[k]·value[k,
    /// m]</c>.</summary>
    [IntrinsicImplementation]
    public static void Mix(
        ArrayView<float> pattern, long atPattern, ArrayView<float> value, long atValue, long valueStride,
        ArrayView<float> result, long atResult, int width, int keys)
    {
        Debug.Assert(keys <= Block, Loops);
        simd.Mix(At(pattern, atPattern), At(value, atValue), (nint)valueStride, At(result, atResult), width, keys);
    }

    /// <summary>Widens a row to F32.</summary>
    [IntrinsicImplementation]
    public static void Widen(
        ArrayView<byte> numbers, long atNumbers, int format, ArrayView<float> result, long atResult, int count) =>
        simd.Widen(At(numbers, atNumbers), (DataType)format, At(result, atResult), count);

    /// <summary>Computes <c>result = value</c>.</summary>
    [IntrinsicImplementation]
    public static void Fill(float value, ArrayView<float> result, long atResult, int count)
    {
        Debug.Assert(count <= Block, Loops);
        new Span<float>(At(result, atResult), count).Fill(value);
    }

    /// <summary>Computes <c>result = x + y</c>.</summary>
    [IntrinsicImplementation]
    public static void Add(
        ArrayView<float> x, long atX, ArrayView<float> y, long atY, ArrayView<float> result, long atResult, int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.Add(At(x, atX), At(y, atY), At(result, atResult), count);
    }

    /// <summary>Computes <c>result += x·factor</c>.</summary>
    [IntrinsicImplementation]
    public static void AddScaled(
        ArrayView<float> x, long atX, float factor, ArrayView<float> result, long atResult, int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.AddScaled(At(x, atX), factor, At(result, atResult), count);
    }

    /// <summary>Computes <c>result = max(result, x)</c>; NaN where one of the two is NaN.</summary>
    [IntrinsicImplementation]
    public static void Maximize(ArrayView<float> x, long atX, ArrayView<float> result, long atResult, int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.Maximize(At(x, atX), At(result, atResult), count);
    }

    /// <summary>Computes <c>result = x·factor</c>.</summary>
    [IntrinsicImplementation]
    public static void Scale(
        ArrayView<float> x, long atX, float factor, ArrayView<float> result, long atResult, int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.Scale(At(x, atX), factor, At(result, atResult), count);
    }

    /// <summary>Computes <c>result = x·gain·factor</c>.</summary>
    [IntrinsicImplementation]
    public static void ScaleEach(
        ArrayView<float> x, long atX, ArrayView<float> gain, long atGain, RowScale factor, ArrayView<float> result,
        long atResult, int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.ScaleEach(At(x, atX), At(gain, atGain), (double)factor.High + factor.Low, At(result, atResult), count);
    }

    /// <summary>Computes <c>result = silu(gate)·up</c>.</summary>
    [IntrinsicImplementation]
    public static void SwiGlu(
        ArrayView<float> gate, long atGate, ArrayView<float> up, long atUp, ArrayView<float> result, long atResult,
        int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.SwiGlu(At(gate, atGate), At(up, atUp), At(result, atResult), count);
    }

    /// <summary>Rotates the pairs <c>(x[m], x[m + half])</c> by the angles with cosines <c>angles[m]</c> and sines
    /// <c>angles[m + half]</c>.</summary>
    [IntrinsicImplementation]
    public static void Rotate(
        ArrayView<float> x, long atX, ArrayView<float> angles, long atAngles, ArrayView<float> result, long atResult,
        int half, int count)
    {
        Debug.Assert(count <= Block, Loops);
        simd.Rotate(At(x, atX), At(angles, atAngles), At(result, atResult), half, count);
    }

    /// <summary>Returns <c>1 / sqrt(mean(x²) + epsilon)</c> of a row.</summary>
    [IntrinsicImplementation]
    public static RowScale ScaleOf(ArrayView<float> x, long atX, int count, float epsilon)
    {
        var scale = 1 / Math.Sqrt(simd.SumOfSquares(At(x, atX), count) / count + epsilon);
        return new() { High = (float)scale, Low = (float)(scale - (float)scale) };
    }

    /// <summary>Returns the largest number of a row; −∞ if it has none.</summary>
    [IntrinsicImplementation]
    public static float Largest(ArrayView<float> x, long atX, int count) =>
        simd.Largest(At(x, atX), count);

    /// <summary>Computes <c>x = e^(x − shift)</c> of a row and returns the sum.</summary>
    [IntrinsicImplementation]
    public static float Exponentials(ArrayView<float> x, long atX, float shift, int count) =>
        simd.Exponentials(At(x, atX), shift, count);

    /// <summary>Returns the place behind the last number of a row that is not 0.</summary>
    [IntrinsicImplementation]
    public static int EndOf(ArrayView<float> x, long atX, int count) =>
        // Compared as integers, of which the search takes many at a time. −0 counts as a number: it changes nothing.
        new ReadOnlySpan<int>(At(x, atX), count).LastIndexOfAnyExcept(0) + 1;

    /// <summary>Adds up some weighted cells: <c>Σ weights[i]·pattern[atPattern + cells[i]]</c>.</summary>
    [IntrinsicImplementation]
    public static float SumCells(
        ArrayView<float> pattern, long atPattern, ArrayView<int> cells, ArrayView<float> weights, long first,
        int count) =>
        (float)simd.SumCells(At(pattern, atPattern), At(cells, first), At(weights, first), count);

    /// <summary>Returns <c>−Σ x ln x</c> of a row.</summary>
    [IntrinsicImplementation]
    public static float Entropy(ArrayView<float> x, long atX, int count) => (float)simd.Entropy(At(x, atX), count);

    /// <summary>Returns <c>Σ |whole| − |whole − part|</c> of a row, number by number.</summary>
    [IntrinsicImplementation]
    public static float Nearness(
        ArrayView<float> whole, long atWhole, ArrayView<float> part, long atPart, int count) =>
        simd.Nearness(At(whole, atWhole), At(part, atPart), count);

    // An empty view has no address.
    [MethodImpl(AggressiveInlining)]
    static float* At(ArrayView<float> view, long index) =>
        view.Length == 0 ? null : (float*)Unsafe.AsPointer(ref view.LoadEffectiveAddress()) + index;

    [MethodImpl(AggressiveInlining)]
    static int* At(ArrayView<int> view, long index) =>
        view.Length == 0 ? null : (int*)Unsafe.AsPointer(ref view.LoadEffectiveAddress()) + index;

    [MethodImpl(AggressiveInlining)]
    static byte* At(ArrayView<byte> view, long index) =>
        view.Length == 0 ? null : (byte*)Unsafe.AsPointer(ref view.LoadEffectiveAddress()) + index;
}

/// <summary>The factor of a row, as the sum of two numbers: kernels have no doubles, which not every device
/// has.</summary>
/// <remarks>Every number of the row would have the same rounding error of the factor, and these errors add up in each
/// product with the row.</remarks>
struct RowScale
{
    public float High;
    public float Low;
}

/// <summary>The size of a tile of a product.</summary>
struct Tile
{
    public int Rows;
    public int Columns;

    /// <summary>The numbers of the inner axis, at most <see cref="Leaf.Block"/>.</summary>
    public int Inner;

    /// <summary>Not 0 to add to the result.</summary>
    public int Accumulate;
}

/// <summary>The strides of the operands of a product.</summary>
struct TileStrides
{
    /// <summary>The numbers from one row of x to the next.</summary>
    public long X;

    /// <summary>The bytes from one row of weights to the next.</summary>
    public long Weight;

    /// <summary>The numbers from one row of the result to the next.</summary>
    public long Result;

    /// <summary>The distance in bytes of weights that are loaded into the cache meanwhile.</summary>
    public long Ahead;

    /// <summary>The <see cref="DataType"/> of a weight.</summary>
    public int Format;
}
