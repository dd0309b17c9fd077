using System.Text;
using RatIlgpu.Files;

namespace RatIlgpu.Tracing;

public static partial class TraceJson
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the text of a file.</summary>
    /// <inheritdoc cref="Read(Stream, string)"/>
    /// <param name="json">The text.</param>
    /// <param name="name">What errors call the file.</param>
    public static TraceResult Read(string json, string name = "trace.json")
    {
        try
        {
            return Read(Strict.GetBytes(json), name);
        }
        catch (EncoderFallbackException)
        {
            throw Refusal.Of(name, $"has half a surrogate pair, expected well-formed Unicode.");
        }
    }

    /// <summary>Reads a file from a stream, up to its end.</summary>
    /// <remarks>What follows from the rest of the file (Sankey data, lines of text) is computed anew; the Sankey data
    /// of the file must agree. Of a file that Reverse Attention Tracer wrote, the options it does not keep have their
    /// defaults, and a notice says so; the numbers of tokens beside the paths are −1.</remarks>
    /// <param name="json">The file, in UTF-8.</param>
    /// <param name="name">What errors call the file.</param>
    /// <exception cref="InvalidDataException">It is no trace, or contradicts itself.</exception>
    public static TraceResult Read(Stream json, string name = "trace.json")
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name);
    }

    internal static TraceResult Read(ReadOnlySpan<byte> json, string name) =>
        new TraceReader(JsonPart.Parse(json, name)).Read();
}
