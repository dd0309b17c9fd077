using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Numbers in memory as they are stored.</summary>
/// <param name="data">Where they start; null for none.</param>
/// <param name="format">The format of each.</param>
readonly unsafe struct Stored(byte* data, DataType format)
{
    public byte* Data { get; } = data;

    public DataType Format { get; } = format;

    public int Size => Format.Size();

    public byte* At(nint index) => Data + index * Size;
}
