using System.Numerics;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>Reads the numbers of stored weights, whatever their format.</summary>
static class StoredNumbers
{
    const int Piece = 1 << 16;

    /// <summary>Returns a copy in F32, each number rounded to the nearest; one beyond the range of F32 becomes
    /// infinite.</summary>
    public static HostTensor Rounded(HostTensor source)
    {
        var rounded = HostTensor.Allocate(source.Shape);
        foreach (var (start, numbers) in Pieces(source))
        {
            var to = rounded.AsSpan<float>(start, numbers.Length);
            for (var i = 0; i < to.Length; i++)
                to[i] = (float)numbers.Span[i];
        }

        return rounded;
    }

    /// <summary>Tells whether two tensors of one shape have the same numbers, in whatever formats.</summary>
    public static bool AreEqual(HostTensor one, HostTensor other)
    {
        if (one.DataType == other.DataType && HaveSameBytes(one, other))
            return true;
        using var others = Pieces(other).GetEnumerator();
        foreach (var (_, numbers) in Pieces(one))
        {
            others.MoveNext();
            if (!numbers.Span.SequenceEqual(others.Current.Numbers.Span))
                return false;
        }

        return true;
    }

    /// <summary>Returns the index of the first number that is NaN or infinite; −1 if all are finite.</summary>
    public static long FirstNotFinite(HostTensor tensor) => tensor.DataType switch
    {
        DataType.F64 => FirstWith(tensor, 0x7FF0_0000_0000_0000ul),
        DataType.F32 => FirstWith(tensor, 0x7F80_0000u),
        DataType.F16 => FirstWith(tensor, (ushort)0x7C00),
        _ => FirstWith(tensor, (ushort)0x7F80),
    };

    /// <summary>Returns one number.</summary>
    public static double At(HostTensor tensor, long index)
    {
        Span<double> number = [0];
        Read(tensor, index, number);
        return number[0];
    }

    // The largest exponent of a format is that of NaN and the infinities.
    static long FirstWith<T>(HostTensor tensor, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (long start = 0; start < tensor.Shape.Count; start += Piece)
        {
            var numbers = tensor.AsSpan<T>(start, (int)long.Min(Piece, tensor.Shape.Count - start));
            for (var i = 0; i < numbers.Length; i++)
                if ((numbers[i] & exponent) == exponent)
                    return start + i;
        }

        return -1;
    }

    static bool HaveSameBytes(HostTensor one, HostTensor other)
    {
        var bytes = one.Shape.Count * one.DataType.Size();
        for (long start = 0; start < bytes; start += Piece)
        {
            var count = (int)long.Min(Piece, bytes - start);
            if (!one.AsSpan<byte>(start, count).SequenceEqual(other.AsSpan<byte>(start, count)))
                return false;
        }

        return true;
    }

    // The numbers from the first to the last; memory does not grow with the tensor.
    static IEnumerable<(long Start, ReadOnlyMemory<double> Numbers)> Pieces(HostTensor tensor)
    {
        var numbers = new double[long.Min(Piece, tensor.Shape.Count)];
        for (long start = 0; start < tensor.Shape.Count; start += numbers.Length)
        {
            var count = (int)long.Min(numbers.Length, tensor.Shape.Count - start);
            Read(tensor, start, numbers.AsSpan(0, count));
            yield return (start, numbers.AsMemory(0, count));
        }
    }

    static void Read(HostTensor tensor, long start, Span<double> numbers)
    {
        switch (tensor.DataType)
        {
            case DataType.F64:
                tensor.AsSpan<double>(start, numbers.Length).CopyTo(numbers);
                break;
            case DataType.F32:
                Widen(tensor.AsSpan<float>(start, numbers.Length), numbers, number => number);
                break;
            case DataType.F16:
                Widen(tensor.AsSpan<Half>(start, numbers.Length), numbers, number => (double)number);
                break;
            default:
                Widen(tensor.AsSpan<ushort>(start, numbers.Length), numbers,
                    number => BitConverter.UInt32BitsToSingle((uint)number << 16));
                break;
        }
    }

    static void Widen<T>(ReadOnlySpan<T> from, Span<double> to, Func<T, double> widen)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = widen(from[i]);
    }
}
