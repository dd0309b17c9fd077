using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of a product <c>x·weightᵀ</c> that one thread computes tile by tile; a parameter of
/// kernels.</summary>
struct TiledProduct
{
    // Five rows of a block of x stay in the first cache (24 KB), a block of the weights in the second.
    const int InnerBlock = 1280;
    const int WeightBytes = 448 << 10;

    // A block of widened F16 weights stays in the second cache, together with the rows of a tile. With fewer than 32
    // rows it takes longer to widen a block first.
    const int WidenedColumns = 24;
    const int WidenedRows = 32;

    public int Rows;
    public int Inner;
    public int TileRows;
    public int TileColumns;

    /// <summary>The bytes of a weight.</summary>
    public int WeightSize;

    public TileStrides Strides;

    /// <summary>The scratch memory that a share needs, in numbers; none if weights are used as they are.</summary>
    public readonly int ScratchCount => IsWidened ? WidenedColumns * Math.Min(InnerBlock, Inner) : 0;

    // Only F16 takes longer to widen than to multiply a few times.
    readonly bool IsWidened => Strides.Format == (int)DataType.F16 && Rows >= WidenedRows;

    /// <summary>Makes the sizes of a product.</summary>
    /// <param name="rows">The rows of x.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>.</param>
    /// <param name="simd">The vectors, whose registers decide the size of a tile.</param>
    public static TiledProduct Of(int rows, Tensor weight, SimdLeaves simd)
    {
        var (columns, inner, size) = (weight.Shape[0], weight.Shape[1], weight.DataType.Size());
        return new()
        {
            Rows = rows,
            Inner = inner,
            TileRows = simd.TileRows,
            TileColumns = simd.TileColumns,
            WeightSize = size,
            Strides = new()
            {
                X = inner,
                Weight = (long)inner * size,
                Result = columns,
                Format = (int)weight.DataType,
            },
        };
    }

    /// <summary>Computes some columns of all rows, or adds them to the result.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="atX">The first number of the first row.</param>
    /// <param name="weight">The bytes of the weights.</param>
    /// <param name="atWeight">The first byte of the first column's weights.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="accumulate">Whether to add to the result.</param>
    /// <param name="scratch">Memory for <see cref="ScratchCount"/> numbers.</param>
    /// <param name="result">The result.</param>
    /// <param name="atResult">The first number of the first column.</param>
    [MethodImpl(AggressiveOptimization)]
    public readonly void Compute(
        ArrayView<float> x, long atX, ArrayView<byte> weight, long atWeight, int columns, bool accumulate,
        ArrayView<float> scratch, ArrayView<float> result, long atResult)
    {
        var blocks = IntrinsicMath.Max(1, (Inner + InnerBlock - 1) / InnerBlock);
        var inner = ((Inner + blocks - 1) / blocks + 63) / 64 * 64;
        for (var block = 0; block < blocks; block++)
        {
            var start = (long)block * inner;
            var size = new Tile
            {
                Rows = Rows,
                Columns = columns,
                Inner = (int)IntrinsicMath.Min(inner, Inner - start),
                Accumulate = accumulate || block > 0 ? 1 : 0,
            };
            var from = atWeight + start * WeightSize;
            if (IsWidened)
                Widened(x, atX + start, weight, from, scratch, result, atResult, size);
            else
                Columns(x, atX + start, weight, from, result, atResult, Strides, size);
        }
    }

    // Widens a block of weights once for all rows.
    [MethodImpl(AggressiveOptimization)]
    readonly void Widened(
        ArrayView<float> x, long atX, ArrayView<byte> weight, long atWeight, ArrayView<float> scratch,
        ArrayView<float> result, long atResult, Tile size)
    {
        var strides = Strides;
        strides.Format = (int)DataType.F32;
        strides.Weight = (long)size.Inner * sizeof(float);
        var columns = size.Columns;
        for (var column = 0; column < columns; column += WidenedColumns)
        {
            size.Columns = IntrinsicMath.Min(WidenedColumns, columns - column);
            for (var i = 0; i < size.Columns; i++)
                Leaf.Widen(
                    weight, atWeight + (column + i) * Strides.Weight, Strides.Format, scratch, (long)i * size.Inner,
                    size.Inner);
            Columns(x, atX, scratch.Cast<byte>(), 0, result, atResult + column, strides, size);
        }
    }

    // A block of columns, whose weights stay in the second cache, then the next.
    [MethodImpl(AggressiveOptimization)]
    readonly void Columns(
        ArrayView<float> x, long atX, ArrayView<byte> weight, long atWeight, ArrayView<float> result, long atResult,
        TileStrides strides, Tile size)
    {
        var rows = EvenTile(size.Rows);
        var tiles = WeightBytes / IntrinsicMath.Max(1, size.Inner * WeightSize * TileColumns);
        var width = IntrinsicMath.Max(1, tiles) * TileColumns;
        for (var column = 0; column < size.Columns; column += width)
            for (var row = 0; row < size.Rows; row += rows)
            {
                // After the first rows the weights of the next tile are in the cache.
                strides.Ahead = row == 0 ? TileColumns * strides.Weight : 0;
                var end = IntrinsicMath.Min(size.Columns, column + width);
                for (var at = column; at < end; at += TileColumns)
                {
                    var tile = size;
                    tile.Rows = IntrinsicMath.Min(rows, size.Rows - row);
                    tile.Columns = IntrinsicMath.Min(TileColumns, end - at);
                    Inside(
                        x, atX + row * strides.X, weight, atWeight + at * strides.Weight, result,
                        atResult + row * strides.Result + at, strides, tile);
                }
            }
    }

    // One tile of outputs: a part of the inner axis, then the next. A part is whole vectors, and all are about as long.
    [MethodImpl(AggressiveOptimization)]
    static void Inside(
        ArrayView<float> x, long atX, ArrayView<byte> weight, long atWeight, ArrayView<float> result, long atResult,
        TileStrides strides, Tile tile)
    {
        var inner = tile.Inner;
        var parts = IntrinsicMath.Max(1, (inner + Leaf.Block - 1) / Leaf.Block);
        var length = AttentionBlocks.WholeVectors((inner + parts - 1) / parts);
        var size = strides.Format == (int)DataType.F32 ? sizeof(float) : sizeof(ushort);
        for (var part = 0; part < parts; part++)
        {
            var start = part * length;
            tile.Inner = IntrinsicMath.Min(length, inner - start);
            Leaf.Tile(x, atX + start, weight, atWeight + (long)start * size, result, atResult, strides, tile);
            tile.Accumulate = 1;
        }
    }

    // Tiles of equal height: 8 rows are 4 and 4, not 5 and 3, since a small tile takes almost as long as a large one.
    [MethodImpl(AggressiveOptimization)]
    readonly int EvenTile(int rows)
    {
        var tiles = IntrinsicMath.Max(1, (rows + TileRows - 1) / TileRows);
        return IntrinsicMath.Max(1, (rows + tiles - 1) / tiles);
    }
}
