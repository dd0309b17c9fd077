using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RatIlgpu.Html.Tests;

/// <summary>The data inside a page, as its script reads them.</summary>
static class PageData
{
    public static JsonDocument Of(string html, string id = "data")
    {
        var block = html.Split($"id=\"{id}\">")[1].Split("</script>")[0];
        return JsonDocument.Parse(block.StartsWith('{') ? block : Unpacked(block));
    }

    public static string Unpacked(string block)
    {
        using var reader = new StreamReader(new MemoryStream(Bytes(block)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Reads a block of numbers.</summary>
    public static T[] Numbers<T>(string block)
        where T : struct => MemoryMarshal.Cast<byte, T>(Bytes(block)).ToArray();

    static byte[] Bytes(string block)
    {
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }
}
