using System.Text;

namespace RatIlgpu.Cli;

/// <summary>Tells files that this program wrote from others: only its own are replaced or deleted.</summary>
static class OwnFile
{
    // The head of a page, and the last part of trace.json as this program lays it out: quotes in a text of either are
    // written as escapes, so that no token can look like them.
    static readonly byte[] PageMark =
        "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "u8.ToArray();
    static readonly byte[] DataMark = "\n  \"ratilgpu\": {\n    \"version\": "u8.ToArray();

    // An atlas begins with its kind, its table with the names of the columns; its Parquet file has metadata.
    static readonly byte[] AtlasMark = "{\n  \"kind\": \"atlas\",\n  \"version\": "u8.ToArray();
    static readonly byte[] TableMark = Encoding.UTF8.GetBytes(Heads.AtlasTable.Header);
    static readonly byte[] ParquetMark = Encoding.UTF8.GetBytes(Heads.AtlasTable.Mark);

    // A report begins with a comment.
    static readonly byte[] ReportMark = Encoding.UTF8.GetBytes(ComponentsMarkdown.Mark);

    const int Piece = 1 << 16;

    /// <summary>Tells whether this program wrote a file; a file that cannot be read is not ours.</summary>
    public static bool IsOurs(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".HTML" => Find(file, PageMark, most: 512),
                ".CSV" => Find(file, TableMark, most: TableMark.Length),
                ".MD" => Find(file, ReportMark, most: ReportMark.Length),
                ".PARQUET" => Find(file, ParquetMark, most: long.MaxValue),
                _ => Find(file, AtlasMark, most: AtlasMark.Length) || IsData(file),
            };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    static bool IsData(FileStream file)
    {
        file.Position = 0;
        return Find(file, DataMark, most: long.MaxValue);
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
