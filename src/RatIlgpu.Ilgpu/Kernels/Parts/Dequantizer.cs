namespace RatIlgpu.Ilgpu;

/// <summary>Turns a stored weight into F32 in a register; kernels are compiled once for each implementation.</summary>
/// <typeparam name="TStored">The type of the stored weight.</typeparam>
interface IDequantizer<TStored>
    where TStored : unmanaged
{
    float ToF32(TStored stored);
}

/// <summary>Turns four stored weights, which one instruction loads, into F32.</summary>
/// <typeparam name="TFour">The type of the four stored weights.</typeparam>
interface IFourDequantizer<TFour>
    where TFour : unmanaged
{
    Float4 ToF32(TFour stored);
}

/// <summary>Turns eight stored weights into F32; those of two bytes are loaded by one instruction.</summary>
/// <typeparam name="TEight">The type of the eight stored weights.</typeparam>
/// <remarks>They are given by value: fields that are read through a view are loaded one by one
/// (findings/ilgpu-view-fields.sh).</remarks>
interface IEightDequantizer<TEight>
    where TEight : unmanaged
{
    Float8 ToF32(TEight stored);
}

readonly struct FromF32 : IDequantizer<float>, IFourDequantizer<Float4>, IEightDequantizer<Float8>, IDotTile<float>
{
    public float ToF32(float stored) => stored;

    public Float4 ToF32(Float4 stored) => stored;

    public Float8 ToF32(Float8 stored) => stored;

    public Tile16 Dot(ref float x, long xRow, int rows, ref float y, long yColumn, int columns, int count) =>
        DotTile.OfF32(ref x, xRow, rows, ref y, yColumn, columns, count);

    public Float4 DotOne(ref float x, ref float y, long yColumn, int columns, int count) =>
        DotTile.OneOfF32(ref x, ref y, yColumn, columns, count);
}

readonly struct FromBF16 : IDequantizer<ushort>, IFourDequantizer<UShort4>, IEightDequantizer<UInt4>, IDotTile<ushort>
{
    public float ToF32(ushort stored) => Interop.IntAsFloat((uint)stored << 16);

    public Float4 ToF32(UShort4 stored) =>
        new() { X = ToF32(stored.X), Y = ToF32(stored.Y), Z = ToF32(stored.Z), W = ToF32(stored.W) };

    public Float8 ToF32(UInt4 stored) =>
        new() { Low = Four(stored.A, stored.B), High = Four(stored.C, stored.D) };

    static Float4 Four(uint left, uint right) => new()
    {
        X = Interop.IntAsFloat(left << 16),
        Y = Interop.IntAsFloat(left & 0xFFFF0000u),
        Z = Interop.IntAsFloat(right << 16),
        W = Interop.IntAsFloat(right & 0xFFFF0000u),
    };

    public Tile16 Dot(ref float x, long xRow, int rows, ref ushort y, long yColumn, int columns, int count) =>
        DotTile.OfBF16(ref x, xRow, rows, ref y, yColumn, columns, count);

    public Float4 DotOne(ref float x, ref ushort y, long yColumn, int columns, int count) =>
        DotTile.OneOfBF16(ref x, ref y, yColumn, columns, count);
}

/// <summary>Converts IEEE 754 binary16 with integer operations: not every OpenCL device supports halves, and some
/// flush subnormal floats to 0.</summary>
readonly struct FromF16 : IDequantizer<ushort>, IFourDequantizer<UShort4>, IEightDequantizer<UInt4>, IDotTile<ushort>
{
    const float SmallestSubnormal = 5.9604644775390625e-8f;

    public float ToF32(ushort stored)
    {
        var magnitude = (uint)stored & 0x7FFFu;
        var rebased = (magnitude << 13) + (magnitude < 0x7C00u ? 0x38000000u : 0x70000000u);
        var bits = magnitude < 0x400u ? Interop.FloatAsInt((int)magnitude * SmallestSubnormal) : rebased;
        return Interop.IntAsFloat(bits | ((uint)stored & 0x8000u) << 16);
    }

    public Float4 ToF32(UShort4 stored) =>
        new() { X = ToF32(stored.X), Y = ToF32(stored.Y), Z = ToF32(stored.Z), W = ToF32(stored.W) };

    public Float8 ToF32(UInt4 stored) =>
        new() { Low = Four(stored.A, stored.B), High = Four(stored.C, stored.D) };

    Float4 Four(uint left, uint right) => new()
    {
        X = ToF32((ushort)left),
        Y = ToF32((ushort)(left >> 16)),
        Z = ToF32((ushort)right),
        W = ToF32((ushort)(right >> 16)),
    };

    public Tile16 Dot(ref float x, long xRow, int rows, ref ushort y, long yColumn, int columns, int count) =>
        DotTile.OfF16(ref x, xRow, rows, ref y, yColumn, columns, count);

    public Float4 DotOne(ref float x, ref ushort y, long yColumn, int columns, int count) =>
        DotTile.OneOfF16(ref x, ref y, yColumn, columns, count);
}
