using System.Security.Cryptography;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Writes a file that keeps a part of a work.</summary>
sealed class PartWriter
{
    readonly Stream stream;
    readonly IncrementalHash hash;

    PartWriter(Stream stream, IncrementalHash hash) => (this.stream, this.hash) = (stream, hash);

    /// <summary>Writes a file.</summary>
    /// <param name="format">The kind.</param>
    /// <param name="stream">Where it goes.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(PartFormat format, Stream stream, Action<PartWriter> write)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var writer = new PartWriter(stream, hash);
        writer.Bytes(Encoding.ASCII.GetBytes(format.Magic));
        writer.Number(format.Version);
        write(writer);
        stream.Write(hash.GetHashAndReset());
    }

    /// <summary>Writes what a part is of, but for its options.</summary>
    public void Origin(PartialOrigin origin)
    {
        foreach (var text in (string[])
            [origin.Model, origin.Fingerprint, origin.Device, origin.Version, origin.Texts, origin.TextsHash])
            Text(text);
    }

    /// <summary>Writes the options of a part.</summary>
    public void Options(PartialOrigin origin)
    {
        Number(origin.Options.Length);
        foreach (var option in origin.Options)
        {
            Text(option.Name);
            Text(option.Value);
        }
    }

    /// <summary>Writes a text after its length.</summary>
    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(bytes.Length);
        Bytes(bytes);
    }

    /// <summary>Writes a number.</summary>
    public void Number(int number) => Numbers([number]);

    /// <summary>Writes numbers without their count.</summary>
    public void Numbers<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian)
        {
            // A span of bytes has 2 GiB at most.
            for (var at = 0; at < numbers.Length; at += PartFormat.Piece)
                Bytes(MemoryMarshal.AsBytes(numbers[at..Math.Min(numbers.Length, at + PartFormat.Piece)]));
            return;
        }

        foreach (var number in numbers)
        {
            var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in number)).ToArray();
            bytes.AsSpan().Reverse();
            Bytes(bytes);
        }
    }

    /// <summary>Writes bytes without their count.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }
}
