using RatIlgpu.Tensors;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <content>Single tiles and rows, for callers with loops of their own.</content>
sealed unsafe partial class Simd<TLanes, TColumns>
{
    public override int TileRows => (int)RowsOfTile;

    public override int TileColumns => TColumns.Value;

    [MethodImpl(AggressiveOptimization)]
    public override void Tile(
        float* x, nint xStride, byte* weight, nint weightStride, DataType format, float* result, nint resultStride,
        int rows, int columns, int inner, nint ahead, bool accumulate)
    {
        var (numbers, weights, sums) = (
            new Matrix(x, xStride * sizeof(float)), new Matrix(weight, weightStride),
            new Matrix(result, resultStride * sizeof(float)));
        var size = new ProductSize(rows, columns, inner);
        switch (format)
        {
            case DataType.F16: Tile<F16>(numbers, weights, sums, size, ahead, accumulate); break;
            case DataType.BF16: Tile<BF16>(numbers, weights, sums, size, ahead, accumulate); break;
            default: Tile<F32>(numbers, weights, sums, size, ahead, accumulate); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    public override void Mix(float* pattern, float* value, nint valueStride, float* result, int width, int keys)
    {
        var (rows, mixed) = (new Matrix(value, valueStride * sizeof(float)), new Matrix(result, 0));
        var whole = width - width % TLanes.Count;
        MixRows<One, Added>(
            new Matrix(pattern, 0), rows, new(mixed), new ProductSize(1, whole, keys));
        if (whole < width)
            Simd<ScalarLanes, Two>.MixRows<One, Simd<ScalarLanes, Two>.Added>(
                new Matrix(pattern, 0), rows.From(0, whole * sizeof(float)),
                new(mixed.From(0, whole * sizeof(float))),
                new ProductSize(1, width - whole, keys));
    }

    [MethodImpl(AggressiveInlining)]
    static void Tile<TFormat>(
        Matrix x, Matrix weight, Matrix result, ProductSize size, nint ahead, bool accumulate)
        where TFormat : struct, IFormat
    {
        var whole = size.Inner - size.Inner % TLanes.Count;
        // The usual tile, without the calls that find out its size.
        if (size.Rows == RowsOfTile && size.Columns == TColumns.Value && TColumns.Value == 4)
            LinearTile<TFormat, Five, TColumns>(x, weight, result, whole, ahead, accumulate);
        else
            LinearRows<TFormat>(x, weight, result, size with { Inner = whole }, new(ahead, 0, 1), accumulate);
        if (whole < size.Inner)
            Simd<ScalarLanes, Two>.LinearRows<TFormat>(
                x.From(0, whole * sizeof(float)), weight.From(0, whole * TFormat.Size), result,
                size with { Inner = size.Inner - whole }, default, accumulate: true);
    }
}
