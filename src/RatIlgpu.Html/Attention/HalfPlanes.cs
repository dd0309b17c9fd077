using System.Buffers.Binary;

namespace RatIlgpu.Html;

/// <summary>Writes numbers as halves (IEEE 754 binary16): a scale, then the low bytes of all, then the high bytes,
/// which are alike and become small when they are compressed.</summary>
static class HalfPlanes
{
    const float Most = 65_504;

    /// <summary>Returns the bytes of numbers.</summary>
    /// <param name="numbers">Finite numbers.</param>
    public static byte[] Write(ReadOnlySpan<float> numbers)
    {
        var scale = 1f;
        foreach (var number in numbers)
            while (Math.Abs(number / scale) > Most)
                scale *= 2;
        var count = numbers.Length;
        var bytes = new byte[sizeof(float) + (2 * count)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, scale);
        for (var i = 0; i < count; i++)
        {
            var half = BitConverter.HalfToUInt16Bits((Half)(numbers[i] / scale));
            bytes[sizeof(float) + i] = (byte)half;
            bytes[sizeof(float) + count + i] = (byte)(half >> 8);
        }

        return bytes;
    }

    /// <summary>Returns the numbers that a page reads from bytes.</summary>
    public static double[] Read(ReadOnlySpan<byte> bytes)
    {
        var scale = BinaryPrimitives.ReadSingleLittleEndian(bytes);
        var count = (bytes.Length - sizeof(float)) / 2;
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
        {
            var half = bytes[sizeof(float) + i] | (bytes[sizeof(float) + count + i] << 8);
            numbers[i] = (double)BitConverter.UInt16BitsToHalf((ushort)half) * scale;
        }

        return numbers;
    }
}
