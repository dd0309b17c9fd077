using System.Buffers;

namespace RatIlgpu.Html;

/// <summary>A pattern with the code of every cell.</summary>
/// <param name="Shape">The cells.</param>
/// <param name="Codes">Their codes.</param>
sealed record ExactPattern(PatternShape Shape, ushort[] Codes)
{
    /// <summary>Returns the codes of a query, in the order of its keys.</summary>
    public ReadOnlySpan<ushort> Row(int query) => Codes.AsSpan(Shape.StartOf(query), Shape.LengthOf(query));

    /// <summary>Writes the low bytes of all codes, then the high bytes, which are mostly zero.</summary>
    public void Write(IBufferWriter<byte> bytes) => BytePlanes.Write(bytes, Codes);

    public static ExactPattern Read(PatternShape shape, ref ReadOnlySpan<byte> bytes) =>
        new(shape, BytePlanes.Read(ref bytes, shape.CellCount));
}

/// <summary>Writes numbers of 16 bits as a plane of low bytes and a plane of high bytes, which compress better
/// apart.</summary>
static class BytePlanes
{
    public static void Write(IBufferWriter<byte> bytes, ReadOnlySpan<ushort> numbers)
    {
        var planes = bytes.GetSpan(2 * numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
        {
            planes[i] = (byte)numbers[i];
            planes[numbers.Length + i] = (byte)(numbers[i] >> 8);
        }

        bytes.Advance(2 * numbers.Length);
    }

    public static ushort[] Read(ref ReadOnlySpan<byte> bytes, int count)
    {
        var numbers = new ushort[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (ushort)(bytes[i] | (bytes[count + i] << 8));
        bytes = bytes[(2 * count)..];
        return numbers;
    }
}
