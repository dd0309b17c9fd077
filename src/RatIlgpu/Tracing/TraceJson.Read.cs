using System.Text.Json;

namespace RatIlgpu.Tracing;

public static partial class TraceJson
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads the text of a file.</summary>
    /// <inheritdoc cref="Read(Stream, string)"/>
    /// <param name="json">The text.</param>
    /// <param name="name">What errors call the file.</param>
    public static TraceResult Read(string json, string name = "trace.json") =>
        Read(() => JsonDocument.Parse(json, Strict), name);

    /// <summary>Reads a file from a stream, up to its end.</summary>
    /// <remarks>What follows from the rest of the file (Sankey data, lines of text) is computed anew; the Sankey data
    /// of the file must agree. Of a file that Reverse Attention Tracer wrote, the options it does not keep have their
    /// defaults, and a notice says so; the numbers of tokens beside the paths are −1.</remarks>
    /// <param name="json">The file, in UTF-8.</param>
    /// <param name="name">What errors call the file.</param>
    /// <exception cref="InvalidDataException">It is no trace, or contradicts itself.</exception>
    public static TraceResult Read(Stream json, string name = "trace.json") =>
        Read(() => JsonDocument.Parse(json, Strict), name);

    static TraceResult Read(Func<JsonDocument> parse, string name)
    {
        using var document = Parse(parse, name);
        return new TraceReader(new(document.RootElement, name)).Read();
    }

    static JsonDocument Parse(Func<JsonDocument> parse, string name)
    {
        try
        {
            return parse();
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line
                ? FormattableString.Invariant($" at line {line + 1}, byte {e.BytePositionInLine + 1}")
                : "";
            throw new InvalidDataException(
                $"{name}: found what is not JSON, or a name twice in one object{place}, expected a trace.", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{name}: found text that is not Unicode, expected a trace.", e);
        }
    }
}
