using System.Security.Cryptography;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>The file of a part of an atlas: little-endian numbers, the lengths of lists before them, and at its end the
/// SHA-256 of all before.</summary>
static class PartialFile
{
    /// <summary>The version that is written and read.</summary>
    public const int Version = 1;

    /// <summary>The bytes of the hash at the end.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>Gets the first bytes.</summary>
    public static ReadOnlySpan<byte> Magic => "RATATLAS"u8;
}

/// <summary>Writes a part of an atlas.</summary>
sealed class PartialWriter
{
    readonly Stream stream;
    readonly IncrementalHash hash;

    PartialWriter(Stream stream, IncrementalHash hash) => (this.stream, this.hash) = (stream, hash);

    /// <summary>Writes a part.</summary>
    public static void Write(PartialAtlas part, Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var writer = new PartialWriter(stream, hash);
        writer.Bytes(PartialFile.Magic);
        writer.Number(PartialFile.Version);
        writer.Source(part.Source);
        writer.Number(part.Shard.Index);
        writer.Number(part.Shard.Count);
        writer.Number(part.IsComplete ? 1 : 0);
        writer.Numbers<long>([BitConverter.DoubleToInt64Bits(part.Seconds)]);
        writer.Number(part.Warnings.Length);
        foreach (var warning in part.Warnings)
            writer.Text(warning);
        foreach (var pass in AtlasLayouts.Passes)
            writer.Pass(part.Sums[pass]);
        writer.Activities(part.Sums.Activities);
        stream.Write(hash.GetHashAndReset());
    }

    void Source(PartialSource source)
    {
        foreach (var text in (string[])
            [source.Model, source.Fingerprint, source.Device, source.Version, source.Texts, source.TextsHash])
            Text(text);
        foreach (var number in (int[])
            [source.LayerCount, source.HeadCount, source.KeyValueHeadCount, source.Window])
            Number(number);
        Bytes([.. source.HasWindow.Select(has => has ? (byte)1 : (byte)0)]);
        Number(source.Options.Length);
        foreach (var option in source.Options)
        {
            Text(option.Name);
            Text(option.Value);
        }
    }

    void Pass(PassSums sums)
    {
        Number(sums.Numbers.Count);
        Numbers<long>([.. sums.Numbers]);
        Number(sums.Groups.Count);
        foreach (var (group, own) in sums.Groups)
        {
            Number(group);
            Numbers<long>(own.Heads);
            Numbers<long>(own.Data);
        }

        Numbers<long>(sums.Maps);
        Numbers<long>(sums.MapCounts);
    }

    void Activities(ActivitySample sample)
    {
        Number(sample.Sequences.Count());
        foreach (var sequence in sample.Sequences)
        {
            Numbers<long>([sequence.Number]);
            Number(sequence.Ids.Length);
            Numbers(sequence.Ids.AsSpan());
            Numbers<int>(MemoryMarshal.Cast<float, int>(sequence.Most));
            Numbers<short>(sequence.Peaks);
        }
    }

    void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(bytes.Length);
        Bytes(bytes);
    }

    void Number(int number) => Numbers([number]);

    void Numbers<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian)
        {
            // A span of bytes has 2 GiB at most.
            for (var at = 0; at < numbers.Length; at += PartialReader.Piece)
                Bytes(MemoryMarshal.AsBytes(numbers[at..Math.Min(numbers.Length, at + PartialReader.Piece)]));
            return;
        }

        foreach (var number in numbers)
        {
            var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in number)).ToArray();
            bytes.AsSpan().Reverse();
            Bytes(bytes);
        }
    }

    void Bytes(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }
}
