using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RatIlgpu.Html;

/// <summary>Writes numbers as planes of bytes: all first bytes, then all second ones. Bytes of one meaning are alike,
/// and compress well beside each other; <c>planes.js</c> reads them.</summary>
static class BytePlanes
{
    public static void Write<T>(Stream stream, T[] numbers)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes<T>(numbers);
        var width = Unsafe.SizeOf<T>();
        var plane = new byte[numbers.Length];
        for (var part = 0; part < width; part++)
        {
            for (var i = 0; i < plane.Length; i++)
                plane[i] = bytes[(i * width) + part];
            stream.Write(plane);
        }
    }
}
