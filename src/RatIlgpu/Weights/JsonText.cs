using System.Text.Json;
using System.Text.Unicode;

namespace RatIlgpu.Weights;

/// <summary>Reads JSON as strictly as the standard has it: no comments, no trailing commas; and no name twice in an
/// object.</summary>
static class JsonText
{
    /// <summary>Parses a document whose root is an object.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <param name="path">The file, for the error.</param>
    /// <exception cref="InvalidDataException">It is not such a document.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string path)
    {
        if (!Utf8.IsValid(json.Span))
            throw Refusal.Of(path, $"is not UTF-8 text.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException fault)
        {
            var (line, place) = (fault.LineNumber + 1, fault.BytePositionInLine + 1);
            throw Refusal.Of(path, $"is not JSON from line {line}, byte {place} on.");
        }
        catch (InvalidOperationException)
        {
            // Names are read here, to see that none is there twice; other strings are not.
            throw HalfPair(path);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        var kind = Kind(document.RootElement);
        document.Dispose();
        throw Refusal.Of(path, $"is {kind}, expected an object.");
    }

    /// <summary>Returns the string an element is.</summary>
    /// <exception cref="InvalidDataException">It spells half a surrogate pair.</exception>
    public static string Text(JsonElement element, string path)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(path);
        }
    }

    /// <summary>Describes what an element is, for an error.</summary>
    public static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Null => "null",
        _ => Refusal.Quote(element.GetRawText()).Trim('\''),
    };

    static InvalidDataException HalfPair(string path) => Refusal.Of(path, $"a string holds half a surrogate pair.");
}
