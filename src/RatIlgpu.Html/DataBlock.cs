using System.IO.Compression;
using System.Text.Encodings.Web;

namespace RatIlgpu.Html;

/// <summary>A block of data inside a page; the browser keeps its text, which has no <c>&lt;</c>, and does not run
/// it.</summary>
sealed record DataBlock(string Id, string Type, string Content)
{
    // The default encoder escapes < > & and U+2028: the text cannot end its element.
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default };

    // In characters. Shorter JSON stays readable in the page.
    const int LeastCompressed = 4_096;

    /// <summary>Makes a block of JSON; long JSON is compressed.</summary>
    public static DataBlock Json(string id, Action<Utf8JsonWriter> content)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
            content(json);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        return text.Length < LeastCompressed ? new(id, "application/json", text) : Compressed(id, text);
    }

    /// <summary>Makes a block of text, compressed with gzip and encoded as base64.</summary>
    public static DataBlock Compressed(string id, string text) => Compressed(id, Encoding.UTF8.GetBytes(text));

    /// <summary>Makes a block of bytes, compressed with gzip and encoded as base64.</summary>
    public static DataBlock Compressed(
        string id, ReadOnlySpan<byte> bytes, CompressionLevel level = CompressionLevel.SmallestSize)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, level, leaveOpen: true))
            gzip.Write(bytes);
        return new(id, "application/octet-stream", Convert.ToBase64String(stream.GetBuffer(), 0, (int)stream.Length));
    }

    /// <summary>Gets the markup of the block, in parts that follow each other: the content is not copied.</summary>
    public IEnumerable<string> Parts =>
    [
        new HtmlWriter().Write($"""<script type="{Type}" id="{Id}">""").ToString(), Content, "</script>\n",
    ];
}
