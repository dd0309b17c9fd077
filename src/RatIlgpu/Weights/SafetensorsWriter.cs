using System.Buffers.Binary;
using System.Text.Json;
using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    // Numbers converted at a time: enough to keep the disk busy, little beside any model.
    const int Piece = 1 << 16;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="tensors">The tensors; those of wide formats come first, so that every number is aligned.</param>
    /// <param name="metadata">The metadata of the file.</param>
    /// <exception cref="ArgumentException">A name is given twice, is reserved or is no Unicode text, or there are too
    /// many.</exception>
    /// <exception cref="OverflowException">The tensors take more than 2⁶³ − 1 bytes.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(
        string path, IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        SafetensorsTensor[] sorted = [.. tensors.OrderByDescending(tensor => tensor.Format.Size())];
        var header = Header(sorted, metadata);
        WholeFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in sorted)
                WriteNumbers(stream, tensor);
        });
    }

    static byte[] Header(SafetensorsTensor[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var text = new MemoryStream();
        text.Write(stackalloc byte[SafetensorsHeader.Prefix]);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            if (metadata is not null)
                WriteMetadata(json, metadata);
            WriteEntries(json, tensors);
            json.WriteEndObject();
        }

        // The numbers start aligned for the widest format.
        while (text.Length % SafetensorsHeader.Prefix != 0)
            text.WriteByte((byte)' ');
        var length = text.Length - SafetensorsHeader.Prefix;
        if (length > SafetensorsHeader.Longest)
            throw new ArgumentException(
                $"The header takes {ByteText.Of(length)}, expected at most {SafetensorsHeader.Longest}: too many "
                + "tensors.");
        var header = text.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        return header;
    }

    static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataName);
        foreach (var (key, value) in metadata)
            json.WriteString(Strict.GetBytes(key), Strict.GetBytes(value));
        json.WriteEndObject();
    }

    static void WriteEntries(Utf8JsonWriter json, SafetensorsTensor[] tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataName };
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"{Refusal.Quote(tensor.Name)} is reserved or given twice.");
            var start = end;
            end = checked(start + tensor.Shape.Count * tensor.Format.Size());
            json.WriteStartObject(Strict.GetBytes(tensor.Name));
            json.WriteString("dtype", StoredFormat.Of(tensor.Format).Name);
            json.WriteStartArray("shape");
            for (var axis = 0; axis < tensor.Shape.Rank; axis++)
                json.WriteNumberValue(tensor.Shape[axis]);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(start);
            json.WriteNumberValue(end);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    static void WriteNumbers(Stream stream, SafetensorsTensor tensor)
    {
        var size = tensor.Format.Size();
        var numbers = new double[long.Min(tensor.Shape.Count, Piece)];
        var bytes = new byte[numbers.Length * size];
        for (long start = 0; start < tensor.Shape.Count; start += numbers.Length)
        {
            var piece = numbers.AsSpan(0, (int)long.Min(numbers.Length, tensor.Shape.Count - start));
            tensor.Source(start, piece);
            for (var i = 0; i < piece.Length; i++)
                Store(piece[i], tensor.Format, bytes.AsSpan(i * size, size));
            stream.Write(bytes, 0, piece.Length * size);
        }
    }

    static void Store(double number, DataType format, Span<byte> bytes)
    {
        switch (format)
        {
            case DataType.F64:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
                break;
            case DataType.F32:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)number);
                break;
            case DataType.F16:
                BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)number);
                break;
            default:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, ToBFloat16(number));
                break;
        }
    }

    // Rounds to the nearest, ties to even. By way of binary32 rounded to odd, whose last bit still tells that there was
    // more: rounding to the nearest twice would turn some numbers near a tie the wrong way.
    static ushort ToBFloat16(double number)
    {
        const uint QuietNaN = 0x0040_0000;
        var near = (float)number;
        var bits = BitConverter.SingleToUInt32Bits(near);
        if (double.IsNaN(number))
            return (ushort)((bits | QuietNaN) >> 16);
        if (near != number)
            bits = (Math.Abs(near) > Math.Abs(number) ? bits - 1 : bits) | 1;
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}

/// <summary>A tensor to be written to a safetensors file.</summary>
/// <param name="Name">The name; not <c>__metadata__</c>.</param>
/// <param name="Format">How the numbers are stored; each is rounded once, to the nearest.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Source">Provides the numbers, piece by piece from the first to the last.</param>
public sealed record SafetensorsTensor(string Name, DataType Format, Shape Shape, NumberSource Source)
{
    /// <summary>Makes a tensor of numbers in memory.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers than the shape holds.</exception>
    public static SafetensorsTensor Of(string name, DataType format, Shape shape, ReadOnlyMemory<float> numbers)
    {
        Check(name, shape, numbers.Length);
        return new(name, format, shape, (start, piece) =>
        {
            var source = numbers.Span.Slice((int)start, piece.Length);
            for (var i = 0; i < piece.Length; i++)
                piece[i] = source[i];
        });
    }

    /// <summary>Makes a tensor of numbers in memory.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers than the shape holds.</exception>
    public static SafetensorsTensor Of(string name, DataType format, Shape shape, ReadOnlyMemory<double> numbers)
    {
        Check(name, shape, numbers.Length);
        return new(name, format, shape, (start, piece) => numbers.Span.Slice((int)start, piece.Length).CopyTo(piece));
    }

    static void Check(string name, Shape shape, int count)
    {
        if (shape.Count != count)
            throw new ArgumentException($"{Refusal.Quote(name)}: {shape} holds {shape.Count} numbers, {count} given.");
    }
}

/// <summary>Provides consecutive numbers of a tensor that is being written.</summary>
/// <param name="start">The index of the first number, row major.</param>
/// <param name="numbers">The destination; all of it is filled.</param>
public delegate void NumberSource(long start, Span<double> numbers);
