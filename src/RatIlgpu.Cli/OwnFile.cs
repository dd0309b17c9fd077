namespace RatIlgpu.Cli;

/// <summary>Tells files that this program wrote from others: only its own are replaced or deleted.</summary>
static class OwnFile
{
    // The root element of a page, and the last key of trace.json: quotes in a text of either are written as escapes,
    // so that no token can look like them.
    static readonly byte[] PageMark = "<html lang=\"en\" data-page=\""u8.ToArray();
    static readonly byte[] DataMark = "\"ratilgpu\": {"u8.ToArray();

    const int Piece = 1 << 16;

    /// <summary>Tells whether this program wrote a file; a file that cannot be read is not ours.</summary>
    public static bool IsOurs(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            return path.EndsWith(".html", StringComparison.OrdinalIgnoreCase)
                ? Find(file, PageMark, most: 256)
                : Find(file, DataMark, most: long.MaxValue);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    // Reads piece by piece; a piece starts with the end of the one before, where the mark may begin.
    static bool Find(FileStream file, ReadOnlySpan<byte> mark, long most)
    {
        var buffer = new byte[Piece + mark.Length];
        var (kept, left) = (0, most);
        while (left > 0 && file.Read(buffer, kept, (int)long.Min(Piece, left)) is > 0 and var read)
        {
            var seen = buffer.AsSpan(0, kept + read);
            if (seen.IndexOf(mark) >= 0)
                return true;
            left -= read;
            kept = int.Min(mark.Length - 1, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }

        return false;
    }
}
