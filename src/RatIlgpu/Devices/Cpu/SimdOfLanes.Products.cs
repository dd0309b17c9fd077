using RatIlgpu.Tensors;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

sealed unsafe partial class Simd<TLanes, TColumns>
{
    // Six rows of a block of x stay in the first cache (30 KB), a block of the weights and the next in the second.
    const nint InnerBlock = 1280;
    const nint WeightBytes = 224 << 10;

    // With fewer rows it takes longer to widen a block of weights first (F16, [4864, 896], 24 columns: 32 rows take
    // the same time either way). BF16 is soon widened, so that it pays only where each tile waits for it, and for many
    // rows: on an Intel Xeon (family 6, model 106) 256 rows take 0.9 of the time, 96 rows as long as before.
    const nint WidenedRows = 32;
    const nint WidenedPairRows = 128;

    // The most rows that are copied at once: the copy takes 1.3 MB, and widened weights beside it 0.5 MB.
    const nint PairedRows = 256;

    // The values of a block of keys stay in the second cache while all rows mix them.
    const nint KeyBlock = 256;

    // Six rows are 24 sums, four weights and one vector of x. Each weight is widened once for a tile: on processors
    // that have two ports for 512 bits, widening takes turns with multiply-adds there. 16 rows take 0.92 of the time of
    // tiles of at most five rows on an Intel Xeon (family 6, model 207), 64 and more 0.97.
    static nint LinearRowsOfTile => TColumns.Value == 4 ? 6 : 4;

    static nint RowsOfTile => TColumns.Value == 4 ? 5 : 4;

    // A block of widened weights stays in the second cache, together with the rows of a tile. All rows of x come from
    // there or beyond for each block, so that small blocks wait for them: 256 rows of F16 with 24 columns take 1.04 to
    // 1.19 times as long as with 96 on an Intel Xeon (family 6, model 106). Not measured elsewhere.
    internal static nint WidenedColumns => Processor.IsIntelWithAvx512 ? 96 : 24;

    public override void Linear(
        Matrix x, Matrix weight, DataType format, Matrix result, ProductSize size, bool accumulate)
    {
        switch (format)
        {
            case DataType.F16: Linear<F16>(x, weight, result, size, accumulate); break;
            case DataType.BF16: Linear<BF16>(x, weight, result, size, accumulate); break;
            default: Linear<F32>(x, weight, result, size, accumulate); break;
        }
    }

    public override void Mix(Matrix pattern, Matrix value, Matrix result, ProductSize size)
    {
        var whole = size.Columns - size.Columns % TLanes.Count;
        for (nint start = 0; start < size.Inner; start += KeyBlock)
        {
            var block = size with { Columns = whole, Inner = Math.Min(KeyBlock, size.Inner - start) };
            var (part, values) = (pattern.From(0, start * sizeof(float)), value.From(start, 0));
            MixBlock(part, values, result, block);
            if (whole == size.Columns)
                continue;
            var right = whole * sizeof(float);
            var rest = block with { Columns = size.Columns - whole };
            Simd<ScalarLanes, Two>.MixBlock(part, values.From(0, right), result.From(0, right), rest);
        }
    }

    static void Linear<TFormat>(Matrix x, Matrix weight, Matrix result, ProductSize size, bool accumulate)
        where TFormat : struct, IFormat
    {
        var blocks = Math.Max(1, (size.Inner + InnerBlock - 1) / InnerBlock);
        var inner = ((size.Inner + blocks - 1) / blocks + 63) / 64 * 64;
        nint start = 0;
        do
        {
            var block = size with { Inner = Math.Min(inner, size.Inner - start) };
            var (part, weights) = (x.From(0, start * sizeof(float)), weight.From(0, start * TFormat.Size));
            var whole = MultiplyVectors<TFormat>(part, weights, result, block, accumulate || start > 0);
            if (whole < block.Inner)
                Simd<ScalarLanes, Two>.LinearBlock<TFormat>(
                    part.From(0, whole * sizeof(float)), weights.From(0, whole * TFormat.Size), result,
                    block with { Inner = block.Inner - whole }, accumulate: true);
            start += inner;
        }
        while (start < size.Inner);
    }

    // Multiplies as much of a block as whole vectors hold, and returns how many numbers of a row that is.
    static nint MultiplyVectors<TFormat>(
        Matrix x, Matrix weight, Matrix result, ProductSize size, bool accumulate)
        where TFormat : struct, IFormat
    {
        var isPaired = typeof(TFormat) == typeof(BF16) && TLanes.Count > 1;
        var whole = size.Inner - size.Inner % (isPaired ? 2 * TLanes.Count : TLanes.Count);
        var vectors = size with { Inner = whole };
        if (isPaired)
            LinearPaired(x, weight, result, vectors, accumulate);
        else if (TFormat.IsCostlyToWiden && size.Rows >= WidenedRows)
            LinearWidened<TFormat>(
                x, weight, ThreadScratch.Floats(WidenedColumns * whole), result, vectors, accumulate);
        else
            LinearBlock<TFormat>(x, weight, result, vectors, accumulate);
        return whole;
    }

    // Puts the even numbers of x before the odd ones, vector by vector, as weights are taken in pairs. For as few
    // outputs as two threads share of a key head that takes some hundredths of the time of the product.
    static void LinearPaired(Matrix x, Matrix weight, Matrix result, ProductSize size, bool accumulate)
    {
        for (nint first = 0; first < size.Rows; first += PairedRows)
        {
            var block = size with { Rows = Math.Min(PairedRows, size.Rows - first) };
            var isWidened = Processor.IsIntelWithAvx512 && block.Rows >= WidenedPairRows;
            var rows = block.Rows + (isWidened ? WidenedColumns : 0);
            var pairs = Matrix.Packed(ThreadScratch.Floats(rows * size.Inner), size.Inner);
            for (nint row = 0; row < block.Rows; row++)
                Unzip(x.Row(first + row), pairs.Row(row), size.Inner);
            if (isWidened)
                LinearWidened<EvenBF16>(
                    pairs, weight, pairs.Row(block.Rows), result.From(first, 0), block, accumulate);
            else
                LinearBlock<EvenBF16>(pairs, weight, result.From(first, 0), block, accumulate);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void Unzip(float* numbers, float* result, nint count)
    {
        for (nint i = 0; i < count; i += 2 * TLanes.Count)
            TLanes.Unzip(numbers + i, result + i);
    }

    /// <summary>Computes the product of whole vectors, with a block of weights widened for all rows at a time. The
    /// result is the same bits as that of <see cref="LinearBlock{TFormat}"/>.</summary>
    /// <param name="x">The rows; those of pairs have the even numbers before the odd ones, vector by vector.</param>
    /// <param name="weight">The weights.</param>
    /// <param name="scratch">Memory for widened weights, <c>[<see cref="WidenedColumns"/>, inner]</c>.</param>
    /// <param name="result">The result.</param>
    /// <param name="size">The size of the product.</param>
    /// <param name="accumulate">Whether to add the product to the result.</param>
    internal static void LinearWidened<TFormat>(
        Matrix x, Matrix weight, float* scratch, Matrix result, ProductSize size, bool accumulate)
        where TFormat : struct, IFormat
    {
        var widened = Matrix.Packed(scratch, size.Inner);
        for (nint column = 0; column < size.Columns; column += WidenedColumns)
        {
            var block = size with { Columns = Math.Min(WidenedColumns, size.Columns - column) };
            for (nint row = 0; row < block.Columns; row++)
                WidenRow<TFormat>(weight.From(column + row, 0).Data, widened.Row(row), size.Inner);
            LinearColumns<F32>(
                x, widened, result.From(0, column * sizeof(float)), block, columnsToNext: 0, accumulate);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void WidenRow<TFormat>(byte* weights, float* result, nint count)
        where TFormat : struct, IFormat
    {
        if (!TFormat.IsPaired)
        {
            Each(count, new WidenStep<TFormat>(weights, result));
            return;
        }

        for (nint i = 0; i < count; i += 2 * TLanes.Count)
        {
            TFormat.Load<TLanes>(weights + i * TFormat.Size).Store(result + i);
            OddBF16.Load<TLanes>(weights + i * TFormat.Size).Store(result + i + TLanes.Count);
        }
    }

    /// <summary>Computes the product of whole vectors, with a block of weights that stays in the second cache at a
    /// time.</summary>
    internal static void LinearBlock<TFormat>(
        Matrix x, Matrix weight, Matrix result, ProductSize size, bool accumulate)
        where TFormat : struct, IFormat
    {
        var tiles = WeightBytes / Math.Max(1, size.Inner * TFormat.Size * TColumns.Value);
        var columns = Math.Max(1, tiles) * TColumns.Value;
        for (nint column = 0; column < size.Columns; column += columns)
            LinearColumns<TFormat>(
                x, weight.From(column, 0), result.From(0, column * sizeof(float)),
                size with { Columns = Math.Min(columns, size.Columns - column) },
                column + columns < size.Columns ? columns : 0, accumulate);
    }

    static void LinearColumns<TFormat>(
        Matrix x, Matrix weight, Matrix result, ProductSize size, nint columnsToNext, bool accumulate)
        where TFormat : struct, IFormat
    {
        var tileRows = EvenTile(size.Rows, LinearRowsOfTile);
        var rowTiles = (size.Rows + tileRows - 1) / tileRows;
        for (nint tile = 0; tile < rowTiles; tile++)
        {
            var row = tile * tileRows;
            LinearRows<TFormat>(
                x.From(row, 0), weight, result.From(row, 0),
                size with { Rows = Math.Min(tileRows, size.Rows - row) },
                AheadOf(tile, rowTiles, columnsToNext, weight.Stride), accumulate);
        }
    }

    // A single tile of rows reads on in the block. Several share the reading of the next block, one tile in turn of
    // each, so that memory is read all the time: with 16 rows a product takes a tenth less time than where the first
    // rows alone wait for it.
    static Ahead AheadOf(nint tile, nint rowTiles, nint columnsToNext, nint stride) => rowTiles == 1
        ? new(TColumns.Value * stride, 0, 1)
        : new(columnsToNext * stride, tile, rowTiles);

    static void MixBlock(Matrix pattern, Matrix value, Matrix result, ProductSize size)
    {
        var tileRows = EvenTile(size.Rows, RowsOfTile);
        for (nint row = 0; row < size.Rows; row += tileRows)
            MixRows(
                pattern.From(row, 0), value, new Added(result.From(row, 0)),
                size with { Rows = Math.Min(tileRows, size.Rows - row) });
    }

    // Returns tiles of equal height: of at most five rows, 8 rows are 4 and 4, not 5 and 3, since a small tile takes
    // almost as long as a large one.
    static nint EvenTile(nint rows, nint most)
    {
        var tiles = Math.Max(1, (rows + most - 1) / most);
        return Math.Max(1, (rows + tiles - 1) / tiles);
    }
}
