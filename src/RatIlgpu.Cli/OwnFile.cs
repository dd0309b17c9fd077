using System.Text;

namespace RatIlgpu.Cli;

/// <summary>Tells files that this program wrote from others: only its own are replaced or deleted.</summary>
static class OwnFile
{
    const int Piece = 1 << 16;

    // The head of a page, and the last part of trace.json as this program lays it out: quotes in a text of either are
    // written as escapes, so that no token can look like them.
    static ReadOnlySpan<byte> PageMark =>
        "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "u8;

    static ReadOnlySpan<byte> DataMark => "\n  \"ratilgpu\": {\n    \"version\": "u8;

    // A result begins with its kind, its table with the names of the columns; its Parquet file has metadata. The names
    // come from empty tables, which take longer to make than a small trace, and are made where a table is looked at.
    static IEnumerable<string> ResultMarks => Ablation.AblationTables.Kinds.Prepend("atlas")
        .Select(kind => $"{{\n  \"kind\": \"{kind}\",\n  \"version\": ");

    static IEnumerable<string> TableMarks =>
        Ablation.AblationTables.Headers.Prepend(Heads.AtlasTable.Header).Select(header => $"{header}\r\n");

    static ImmutableArray<string> ParquetMarks => [Heads.AtlasTable.Mark, Ablation.AblationTables.Mark];

    /// <summary>Tells whether this program wrote a file; a file that cannot be read is not ours.</summary>
    public static bool IsOurs(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            return Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".HTML" => Find(file, PageMark, most: 512),
                ".CSV" => TableMarks.Any(mark => StartsWith(file, mark)),
                // A report begins with a comment.
                ".MD" => StartsWith(file, ComponentsMarkdown.Mark),
                ".PARQUET" => ParquetMarks.Any(mark => FindFromStart(file, Encoding.UTF8.GetBytes(mark))),
                _ => ResultMarks.Any(mark => StartsWith(file, mark)) || FindFromStart(file, DataMark),
            };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    static bool StartsWith(FileStream file, string text)
    {
        var mark = Encoding.UTF8.GetBytes(text);
        file.Position = 0;
        return Find(file, mark, most: mark.Length);
    }

    static bool FindFromStart(FileStream file, ReadOnlySpan<byte> mark)
    {
        file.Position = 0;
        return Find(file, mark, most: long.MaxValue);
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
