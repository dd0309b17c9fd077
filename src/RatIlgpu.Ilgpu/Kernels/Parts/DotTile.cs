using System.Runtime.CompilerServices;

namespace RatIlgpu.Ilgpu;

/// <summary>Scalar products of a part of four rows, or of one, with that of four columns, each of which is stored like
/// a row. Where there are fewer rows or columns, the last is read again.</summary>
/// <typeparam name="TStored">The type of the numbers of the columns.</typeparam>
interface IDotTile<TStored>
    where TStored : unmanaged
{
    Tile16 Dot(ref float x, long xRow, int rows, ref TStored y, long yColumn, int columns, int count);

    Float4 DotOne(ref float x, ref TStored y, long yColumn, int columns, int count);
}

/// <summary>The leaves of the products of processors. On OpenCL they compute with vectors along the inner axis, which
/// the compilers of processors do not find in a loop over numbers.</summary>
/// <remarks>Here are the bodies that run on ILGPU's CPU accelerator.</remarks>
static class DotTile
{
    /// <summary>The longest part that one call multiplies: sums of few products lose less, and are then
    /// added.</summary>
    public const int Most = 256;

    [IntrinsicImplementation]
    public static Tile16 OfF32(ref float x, long xRow, int rows, ref float y, long yColumn, int columns, int count) =>
        Four<float, FromF32>(ref x, xRow, rows, ref y, yColumn, columns, count);

    [IntrinsicImplementation]
    public static Tile16 OfF16(ref float x, long xRow, int rows, ref ushort y, long yColumn, int columns, int count) =>
        Four<ushort, FromF16>(ref x, xRow, rows, ref y, yColumn, columns, count);

    [IntrinsicImplementation]
    public static Tile16 OfBF16(ref float x, long xRow, int rows, ref ushort y, long yColumn, int columns, int count) =>
        Four<ushort, FromBF16>(ref x, xRow, rows, ref y, yColumn, columns, count);

    [IntrinsicImplementation]
    public static Float4 OneOfF32(ref float x, ref float y, long yColumn, int columns, int count) =>
        One<float, FromF32>(ref x, ref y, yColumn, columns, count);

    [IntrinsicImplementation]
    public static Float4 OneOfF16(ref float x, ref ushort y, long yColumn, int columns, int count) =>
        One<ushort, FromF16>(ref x, ref y, yColumn, columns, count);

    [IntrinsicImplementation]
    public static Float4 OneOfBF16(ref float x, ref ushort y, long yColumn, int columns, int count) =>
        One<ushort, FromBF16>(ref x, ref y, yColumn, columns, count);

    static Tile16 Four<TStored, TDequantizer>(
        ref float x, long xRow, int rows, ref TStored y, long yColumn, int columns, int count)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored> => new()
        {
            A = One<TStored, TDequantizer>(ref x, ref y, yColumn, columns, count),
            B = One<TStored, TDequantizer>(ref Part(ref x, xRow, rows, 1), ref y, yColumn, columns, count),
            C = One<TStored, TDequantizer>(ref Part(ref x, xRow, rows, 2), ref y, yColumn, columns, count),
            D = One<TStored, TDequantizer>(ref Part(ref x, xRow, rows, 3), ref y, yColumn, columns, count),
        };

    static Float4 One<TStored, TDequantizer>(ref float x, ref TStored y, long yColumn, int columns, int count)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored> => new()
        {
            X = Sum<TStored, TDequantizer>(ref x, ref y, count),
            Y = Sum<TStored, TDequantizer>(ref x, ref Part(ref y, yColumn, columns, 1), count),
            Z = Sum<TStored, TDequantizer>(ref x, ref Part(ref y, yColumn, columns, 2), count),
            W = Sum<TStored, TDequantizer>(ref x, ref Part(ref y, yColumn, columns, 3), count),
        };

    static ref T Part<T>(ref T first, long stride, int count, int number) =>
        ref Unsafe.Add(ref first, (nint)stride * Math.Min(number, count - 1));

    static float Sum<TStored, TDequantizer>(ref float x, ref TStored y, int count)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        var sum = 0f;
        for (var k = 0; k < count; k++)
            sum = MathF.FusedMultiplyAdd(
                Unsafe.Add(ref x, k), default(TDequantizer).ToF32(Unsafe.Add(ref y, k)), sum);
        return sum;
    }
}
