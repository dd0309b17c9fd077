using System.Buffers.Binary;
using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>The header of a safetensors file, checked against the length of the file.</summary>
sealed class SafetensorsHeader
{
    /// <summary>The bytes before the JSON text, which hold its length.</summary>
    public const int Prefix = sizeof(long);

    /// <summary>The most bytes of JSON text, as in the reference implementation.</summary>
    public const int Longest = 100_000_000;

    /// <summary>The name of the metadata of a file; no tensor has it.</summary>
    public const string MetadataName = "__metadata__";

    const string Cut = "the rest of it is missing; get the file again.";

    readonly Dictionary<string, SafetensorsEntry> byName;

    SafetensorsHeader(SafetensorsEntry[] entries, IReadOnlyDictionary<string, string> metadata, long dataStart)
    {
        byName = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        Names = Array.ConvertAll(entries, entry => entry.Name);
        Metadata = metadata;
        DataStart = dataStart;
    }

    /// <summary>Gets the names of the tensors, in the order of their numbers in the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Gets the metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Gets the byte of the file at which the numbers start.</summary>
    public long DataStart { get; }

    /// <summary>Finds the entry of a tensor; null if there is none.</summary>
    public SafetensorsEntry? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Reads and checks the header of a file.</summary>
    /// <param name="start">The bytes the file starts with: <see cref="Prefix"/> and <see cref="Longest"/> of them, or
    /// all where it has fewer.</param>
    /// <param name="fileLength">The bytes of the file.</param>
    /// <param name="path">The file, for the error.</param>
    public static SafetensorsHeader Read(ReadOnlySpan<byte> start, long fileLength, string path)
    {
        if (fileLength < Prefix)
            throw Refusal.Of(
                path, $"has {ByteText.Of(fileLength)}, expected a safetensors file, which has at least 10.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > Longest && KnownFile.KindOf(start) is { } kind)
            throw Refusal.Of(path, $"{kind}");
        if (length > Longest)
            throw Refusal.Of(
                path,
                $"the header takes {ByteText.Of(length)}, expected at most {Longest:N0}; is it a safetensors file?");
        if (length > (ulong)(fileLength - Prefix))
            throw Refusal.Of(
                path, $"the header ends at byte {Prefix + length:N0}, but the file has {fileLength:N0}: {Cut}");
        var json = start.Slice(Prefix, (int)length);
        var (entries, metadata) = new SafetensorsHeaderReader(json, path).Read();
        var sorted = entries.ToArray();
        Array.Sort(sorted, (left, right) => (left.Start, left.End).CompareTo((right.Start, right.End)));
        CheckCover(sorted, Prefix + json.Length, fileLength, path);
        return new SafetensorsHeader(sorted, metadata, Prefix + json.Length);
    }

    // The tensors follow each other without gap or overlap and end with the file.
    static void CheckCover(SafetensorsEntry[] sorted, long dataStart, long fileLength, string path)
    {
        var free = dataStart;
        var before = "the header";
        foreach (var entry in sorted)
        {
            var name = Refusal.Quote(entry.Name);
            if (entry.End > fileLength - dataStart)
                throw Refusal.Of(
                    path,
                    $"{name} ends at byte {(Int128)dataStart + entry.End:N0}, but the file has {fileLength:N0}: {Cut}");
            var start = dataStart + entry.Start;
            if (start < free)
                throw Refusal.Of(path, $"{name} starts at byte {start:N0}, but {before} ends at byte {free:N0}.");
            if (start > free)
                throw Refusal.Of(path, $"{name} starts at byte {start:N0}, expected {free:N0}, where {before} ends.");
            (free, before) = (dataStart + entry.End, name);
        }

        if (free != fileLength)
            throw Refusal.Of(path, $"the tensors end at byte {free:N0}, but the file has {fileLength:N0}.");
    }
}

/// <summary>The entry of one tensor in the header of a safetensors file.</summary>
sealed record SafetensorsEntry(string Name, StoredFormat Format, Shape Shape, long Start, long End);

/// <summary>A number format that a safetensors file can name; tensors do not have all of them.</summary>
/// <param name="Name">The name.</param>
/// <param name="Bits">The bits of a number; null where the format is not known.</param>
/// <param name="Format">The format of a tensor; null where no tensor has it.</param>
sealed record StoredFormat(string Name, int? Bits, DataType? Format = null)
{
    static readonly StoredFormat[] All =
    [
        new("F64", 64, DataType.F64), new("F32", 32, DataType.F32),
        new("F16", 16, DataType.F16), new("BF16", 16, DataType.BF16),
        new("BOOL", 8), new("U8", 8), new("I8", 8), new("U16", 16), new("I16", 16), new("U32", 32), new("I32", 32),
        new("U64", 64), new("I64", 64), new("C64", 64), new("F8_E5M2", 8), new("F8_E4M3", 8), new("F8_E8M0", 8),
        new("F8_E5M2FNUZ", 8), new("F8_E4M3FNUZ", 8), new("F6_E2M3", 6), new("F6_E3M2", 6), new("F4", 4),
    ];

    /// <summary>Returns the format of a name; one that is not known matters only to who asks for its tensor.</summary>
    public static StoredFormat Named(string name) =>
        Array.Find(All, format => format.Name == name) ?? new(name, null);

    /// <summary>Finds the format under which tensors of a format are stored.</summary>
    public static StoredFormat Of(DataType format) => Array.Find(All, stored => stored.Format == format)!;
}
