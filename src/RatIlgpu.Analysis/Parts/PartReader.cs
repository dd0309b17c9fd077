using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Reads a file that keeps a part of a work, which is trusted in nothing.</summary>
sealed class PartReader
{
    /// <summary>The most options, or other texts of a list.</summary>
    public const int MostTexts = 1 << 10;

    const int LongestText = 1 << 20;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string path;
    readonly Stream stream;
    readonly PartFormat format;

    // The bytes before the hash that were not read.
    long left;

    PartReader(string path, Stream stream, PartFormat format)
    {
        (this.path, this.stream, this.format) = (path, stream, format);
        left = stream.Length - PartFormat.HashLength;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The kind.</param>
    /// <param name="read">Reads the content, all of it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another kind.</exception>
    public static T Read<T>(string path, PartFormat format, Func<PartReader, T> read)
    {
        using var file = InputFile.Open(path);
        try
        {
            using var stream = new BufferedStream(file, 1 << 16);
            var reader = new PartReader(path, stream, format);
            reader.CheckHash();
            var found = read(reader);
            return reader.left == 0
                ? found
                : throw reader.Wrong($"has {ByteText.Of(reader.left)} behind its end.");
        }
        catch (IOException broken)
        {
            throw new InvalidDataException($"{path}: cannot be read: {broken.Message}", broken);
        }
    }

    /// <summary>Reads options.</summary>
    public ValueArray<PartialOption> Options()
    {
        var options = new List<PartialOption>();
        for (var i = Number(0, MostTexts, "number of options"); i > 0; i--)
            options.Add(new(Text(), Text()));
        return [.. options];
    }

    /// <summary>Reads a text.</summary>
    public string Text()
    {
        try
        {
            return Strict.GetString(Numbers<byte>(Number(0, LongestText, "length of a text")));
        }
        catch (DecoderFallbackException)
        {
            throw Wrong($"has a text that is not UTF-8.");
        }
    }

    /// <summary>Reads a number.</summary>
    /// <param name="least">The least that is right.</param>
    /// <param name="most">The most that is right.</param>
    /// <param name="what">What it is, for the error.</param>
    public int Number(int least, int most, string what) => Numbers<int>(1)[0] is var number && number >= least
        && number <= most
            ? number
            : throw Wrong($"has {number} as {what}, expected {least} to {most}.");

    /// <summary>Reads some numbers.</summary>
    public T[] Numbers<T>(int count)
        where T : unmanaged
    {
        Need((long)count * Marshal.SizeOf<T>());
        var numbers = new T[count];
        Numbers<T>(numbers);
        return numbers;
    }

    /// <summary>Reads some numbers to where they belong.</summary>
    public void Numbers<T>(Span<T> numbers)
        where T : unmanaged
    {
        Need((long)numbers.Length * Marshal.SizeOf<T>());
        for (var at = 0; at < numbers.Length; at += PartFormat.Piece)
        {
            var bytes = MemoryMarshal.AsBytes(numbers[at..Math.Min(numbers.Length, at + PartFormat.Piece)]);
            stream.ReadExactly(bytes);
            left -= bytes.Length;
            if (!BitConverter.IsLittleEndian)
                for (var i = 0; i < bytes.Length; i += Marshal.SizeOf<T>())
                    bytes.Slice(i, Marshal.SizeOf<T>()).Reverse();
        }
    }

    /// <summary>Throws if the file has fewer bytes before its hash that were not read.</summary>
    public void Need(long bytes)
    {
        if (bytes > left)
            throw Wrong($"ends early: has {ByteText.Of(left)} left, expected {bytes:N0} more.");
    }

    /// <summary>Returns the error of a content that is wrong.</summary>
    public InvalidDataException Wrong(FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");

    void CheckHash()
    {
        var (magic, version) = (Encoding.ASCII.GetBytes(format.Magic), format.Version);
        var start = new byte[Math.Min(stream.Length, magic.Length + 4)];
        stream.ReadExactly(start);
        if (!start.AsSpan().StartsWith(magic))
            throw Wrong($"is no {format.What}, expected a file that {format.Writer} wrote.");
        if (start.Length == magic.Length + 4
            && BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(magic.Length)) is var found && found != version)
            throw Wrong($"has version {found} of the format, expected {version}; use the program that wrote it.");
        if (left <= start.Length)
            throw Damaged();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        var piece = new byte[1 << 16];
        for (var rest = left - start.Length; rest > 0;)
        {
            var read = stream.Read(piece, 0, (int)Math.Min(rest, piece.Length));
            if (read == 0)
                throw Damaged();
            hash.AppendData(piece, 0, read);
            rest -= read;
        }

        var expected = new byte[PartFormat.HashLength];
        stream.ReadExactly(expected);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
            throw Damaged();
        stream.Position = start.Length;
        left -= start.Length;
    }

    InvalidDataException Damaged() => Wrong(
        $"is damaged: its content does not have the hash at its end; delete it and run its command again.");
}
