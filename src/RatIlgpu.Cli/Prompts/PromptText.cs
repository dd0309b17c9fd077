using System.Text;

namespace RatIlgpu.Cli.Prompts;

/// <summary>Turns the bytes of a text into characters: UTF-8, or UTF-16 or UTF-32 with a byte order mark.</summary>
/// <remarks>A byte order mark says how a text is stored and is no part of the text, as in JSON files. Editors and
/// shells of Windows write it. The Unicode Standard 16.0, section 2.13 and table 2-4.</remarks>
static class PromptText
{
    /// <summary>The most bytes that a text may have: a hundred thousand prompts of pages of text.</summary>
    public const int MostBytes = 1 << 28;

    const char Mark = '\uFEFF';

    // That of UTF-32 starts with that of UTF-16 and is tried before.
    static readonly (string Name, Encoding Encoding, int Unit)[] Marked =
    [
        ("UTF-8", new UTF8Encoding(true, throwOnInvalidBytes: true), 1),
        ("UTF-32", new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true), 4),
        ("UTF-32", new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true), 4),
        ("UTF-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true), 2),
        ("UTF-16", new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true), 2),
    ];

    /// <summary>Reads a stream that may have no length to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The name of the stream, for errors.</param>
    /// <exception cref="InvalidDataException">It has too many bytes.</exception>
    public static byte[] ReadAll(Stream stream, string name)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[1 << 16];
        while (stream.Read(piece) is > 0 and var read)
        {
            bytes.Write(piece, 0, read);
            if (bytes.Length > MostBytes)
                throw new InvalidDataException(
                    $"{name}: has more than {ByteText.Of(MostBytes)}, expected at most that.");
        }

        return bytes.ToArray();
    }

    /// <summary>Returns bytes as text, without byte order marks at its start.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">The name of the file, for errors.</param>
    /// <exception cref="InvalidDataException">They are no text.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string name)
    {
        foreach (var (format, encoding, unit) in Marked)
            if (bytes.StartsWith(encoding.Preamble))
            {
                var rest = bytes.Length % unit;
                if (rest != 0)
                    throw new InvalidDataException(
                        $"{name}: has the byte order mark of {format} and {ByteText.Of(bytes.Length)}, expected a "
                        + $"multiple of {unit}; is it cut off?");
                return Unmarked(Decode(bytes, encoding, encoding.Preamble.Length, format, name));
            }

        if (LooksLikeUtf16(bytes))
            throw new InvalidDataException(
                $"{name}: looks like UTF-16 without a byte order mark, expected UTF-8, or UTF-16 with the mark; save "
                + "it as UTF-8.");
        return Decode(bytes, Marked[0].Encoding, 0, "UTF-8", name);
    }

    /// <summary>Returns a text without byte order marks at its start, such as a shell leaves of the content of a
    /// file.</summary>
    public static string Unmarked(string text) => text.TrimStart(Mark);

    static string Decode(ReadOnlySpan<byte> bytes, Encoding encoding, int start, string format, string name)
    {
        try
        {
            return encoding.GetString(bytes[start..]);
        }
        catch (DecoderFallbackException fault)
        {
            var cure = format == "UTF-8" ? ", expected UTF-8, or UTF-16 with a byte order mark; save it as UTF-8" : "";
            var place = encoding is UTF8Encoding ? "byte" : "near byte";
            throw new InvalidDataException($"{name}: {place} {start + fault.Index} is not {format}{cure}.", fault);
        }
    }

    // Of letters that ASCII has, every second byte is 0, and none of the others. A single 0 may be meant.
    static bool LooksLikeUtf16(ReadOnlySpan<byte> bytes)
    {
        Span<int> zeros = [0, 0];
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == 0)
                zeros[i % 2]++;
        var (few, many) = (int.Min(zeros[0], zeros[1]), int.Max(zeros[0], zeros[1]));
        return few == 0 && many > 1 && many >= bytes.Length / 4;
    }
}
