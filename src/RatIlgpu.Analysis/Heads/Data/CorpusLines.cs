using System.Buffers;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>A line of a file of texts, as bytes that are looked into when its text is asked for.</summary>
/// <param name="File">The file.</param>
/// <param name="Number">The number of the line, from 1.</param>
/// <param name="Bytes">The bytes without the line end; valid until the next line is read.</param>
readonly record struct CorpusLine(string File, int Number, ReadOnlyMemory<byte> Bytes)
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Gets the place of the line, such as <c>texts.txt:3</c>.</summary>
    public string Place => FormattableString.Invariant($"{File}:{Number}");

    /// <summary>Returns the text of the line; of a <c>.jsonl</c> file, that under the key <c>text</c>.</summary>
    /// <exception cref="InvalidDataException">The line is not UTF-8, or has no text.</exception>
    public string Text()
    {
        string line;
        try
        {
            line = Strict.GetString(Bytes.Span).TrimStart(CorpusLines.Mark);
        }
        catch (DecoderFallbackException fault)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{Place}: byte {fault.Index} of the line is not UTF-8, expected UTF-8 text; save the file as UTF-8."));
        }

        return File.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? OfJson(line) : line;
    }

    string OfJson(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("text", out var text)
                && text.ValueKind == JsonValueKind.String)
                return text.GetString()!;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Refused below, with what was expected.
        }

        throw new InvalidDataException(
            $"{Place}: is {OneLine.Quote(line)}, expected a JSON object such as {{\"text\": \"…\"}}; a file of plain "
            + "lines has another ending than .jsonl.");
    }
}

/// <summary>Reads the lines of files of any length.</summary>
static class CorpusLines
{
    /// <summary>A byte order mark, which is no part of a text.</summary>
    public const char Mark = '\uFEFF';

    // As much as a whole file of one text could have would be held several times over.
    const int LongestLine = 1 << 26;

    /// <summary>Reads the lines that are not blank, one by one.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, is empty, or has a line that is too
    /// long.</exception>
    public static IEnumerable<CorpusLine> Read(string file)
    {
        using var stream = InputFile.Open(file);
        var line = new ArrayBufferWriter<byte>();
        var piece = new byte[1 << 16];
        var number = 1;
        while (stream.Read(piece) is > 0 and var read)
            for (var start = 0; start < read;)
            {
                var length = piece.AsSpan(start, read - start).IndexOf((byte)'\n');
                line.Write(piece.AsSpan(start, length < 0 ? read - start : length));
                if (line.WrittenCount > LongestLine)
                    throw new InvalidDataException(FormattableString.Invariant(
                        $"{file}:{number}: has more than {ByteText.Of(LongestLine)}, expected a shorter line; is a ")
                        + "line one text in this file?");
                if (length < 0)
                    break;
                if (!IsBlank(line))
                    yield return new(file, number, Whole(line));
                line.ResetWrittenCount();
                (start, number) = (start + length + 1, number + 1);
            }

        if (!IsBlank(line))
            yield return new(file, number, Whole(line));
    }

    static bool IsBlank(ArrayBufferWriter<byte> line) => line.WrittenSpan.IndexOfAnyExcept(" \t\r"u8) < 0;

    static ReadOnlyMemory<byte> Whole(ArrayBufferWriter<byte> line) =>
        line.WrittenSpan[^1] == '\r' ? line.WrittenMemory[..^1] : line.WrittenMemory;
}
