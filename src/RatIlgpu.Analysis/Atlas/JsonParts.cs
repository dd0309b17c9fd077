namespace RatIlgpu.Analysis;

/// <summary>Finds the parts of a large JSON text without making a document of it, which takes many times as much
/// memory.</summary>
static class JsonParts
{
    /// <summary>Returns the values of some members of an object; a member that is not there is left out.</summary>
    /// <param name="json">The text; one that is no object has no members.</param>
    /// <param name="names">The names of the members.</param>
    /// <exception cref="JsonException">It is no JSON, or has a member twice.</exception>
    public static Dictionary<string, ReadOnlyMemory<byte>> Members(ReadOnlyMemory<byte> json, params string[] names)
    {
        var found = new Dictionary<string, ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = NameAmong(names, ref reader);
                reader.Read();
                var value = Value(json, ref reader);
                if (name is not null && !found.TryAdd(name, value))
                    throw new JsonException($"There are two members '{name}'.");
            }
        else
            reader.Skip();
        // Something after the end is refused by the reader.
        reader.Read();
        return found;
    }

    /// <summary>Returns the first items of a list, and how many it has.</summary>
    /// <param name="json">The text of the list.</param>
    /// <param name="most">The most items that are returned.</param>
    public static (List<ReadOnlyMemory<byte>> First, long Count) Items(ReadOnlyMemory<byte> json, int most)
    {
        var (first, count) = (new List<ReadOnlyMemory<byte>>(), 0L);
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var item = Value(json, ref reader);
            if (count++ < most)
                first.Add(item);
        }

        return (first, count);
    }

    static string? NameAmong(string[] names, ref Utf8JsonReader reader)
    {
        foreach (var name in names)
            if (reader.ValueTextEquals(name))
                return name;
        return null;
    }

    // The reader is at the first token of the value, and then at the last.
    static ReadOnlyMemory<byte> Value(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
