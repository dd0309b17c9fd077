using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

/// <summary>Reads the names of components from the metadata of their file.</summary>
static class DecompositionLabels
{
    /// <summary>Returns the names of the components of a matrix, one for each; null where the file has none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="module">The matrix.</param>
    /// <param name="count">The number of its components.</param>
    /// <exception cref="InvalidDataException">The names are no list of one text for each component.</exception>
    public static ValueArray<string>? Read(SafetensorsFile file, string module, int count)
    {
        var key = $"{module}.labels";
        if (!file.Metadata.TryGetValue(key, out var text))
            return null;
        if (TextsOf(text) is not { } labels)
            throw DecompositionFile.Wrong(
                file, $"has {key} {OneLine.Quote(text)} in its metadata, expected a JSON list of texts.");
        return labels.Length == count
            ? [.. labels]
            : throw DecompositionFile.Wrong(file, FormattableString.Invariant(
                $"has {labels.Length} names in {key} of its metadata, expected {count}, one for each component."));
    }

    // Null where the text is no JSON list of texts.
    static string[]? TextsOf(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Array
                && json.RootElement.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
                ? [.. json.RootElement.EnumerateArray().Select(one => one.GetString()!)]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // A text with half a surrogate pair.
            return null;
        }
    }
}
