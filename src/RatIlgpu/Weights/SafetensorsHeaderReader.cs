using System.Text.Json;
using System.Text.Unicode;
using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>Reads the JSON text of a safetensors header token by token: so a name given twice is seen, and nothing is
/// allocated but what the header holds.</summary>
ref struct SafetensorsHeaderReader(ReadOnlySpan<byte> json, string path)
{
    // As many as PyTorch gives a tensor.
    const int MostAxes = 64;

    readonly ReadOnlySpan<byte> json = json;
    Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 4 });

    /// <summary>Reads what the text says.</summary>
    public (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Read()
    {
        if (!json.StartsWith("{"u8) || !Utf8.IsValid(json))
            throw Refusal.Of(path, $"the header is not a JSON object in UTF-8.");
        try
        {
            return ReadHeader();
        }
        catch (JsonException)
        {
            var place = SafetensorsHeader.Prefix + reader.BytesConsumed;
            throw Refusal.Of(path, $"the header is no JSON that safetensors uses, from byte {place:N0} on.");
        }
    }

    (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) ReadHeader()
    {
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        Next(JsonTokenType.StartObject, "the header", "an object");
        while (NextName() is { } name)
        {
            if (!names.Add(name))
                throw Refusal.Of(path, $"the header names {Refusal.Quote(name)} twice.");
            if (name == SafetensorsHeader.MetadataName)
                ReadMetadata(metadata);
            else
                entries.Add(ReadEntry(name));
        }

        // Only padding may follow; the reader throws at anything else.
        reader.Read();
        return (entries, metadata);
    }

    void ReadMetadata(Dictionary<string, string> metadata)
    {
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
            throw Refusal.Of(path, $"{SafetensorsHeader.MetadataName} is not an object.");

        // The reference implementation takes null for none.
        while (reader.TokenType != JsonTokenType.Null && NextName() is { } key)
        {
            Next(JsonTokenType.String, $"{SafetensorsHeader.MetadataName} {Refusal.Quote(key)}", "text");
            if (!metadata.TryAdd(key, Text()))
                throw Refusal.Of(path, $"{SafetensorsHeader.MetadataName} names {Refusal.Quote(key)} twice.");
        }
    }

    SafetensorsEntry ReadEntry(string name)
    {
        StoredFormat? format = null;
        Shape? shape = null;
        (long Start, long End)? place = null;
        var tensor = Refusal.Quote(name);
        Next(JsonTokenType.StartObject, tensor, "an object");
        while (NextName() is { } key)
            if (key == "dtype" && format is null)
                format = ReadFormat(tensor);
            else if (key == "shape" && shape is null)
                shape = ReadShape(tensor);
            else if (key == "data_offsets" && place is null)
                place = ReadPlace(tensor);
            else
                throw Refusal.Of(
                    path, $"{tensor} has {Refusal.Quote(key)}, expected dtype, shape and data_offsets, each once.");
        if (format is null || shape is null || place is null)
            throw Refusal.Of(path, $"{tensor} lacks one of dtype, shape and data_offsets.");

        var (start, end) = place.Value;
        if (format.Bits is { } bits && (Int128)shape.Value.Count * bits != (Int128)(end - start) * 8)
        {
            var bytes = ((Int128)shape.Value.Count * bits + 7) / 8;
            throw Refusal.Of(
                path, $"{tensor} is {format.Name} {shape}, {ByteText.Of(bytes)}, but holds {end - start:N0}.");
        }

        return new SafetensorsEntry(name, format, shape.Value, start, end);
    }

    StoredFormat ReadFormat(string tensor)
    {
        Next(JsonTokenType.String, $"dtype of {tensor}", "text");
        return StoredFormat.Named(Text());
    }

    Shape ReadShape(string tensor)
    {
        Span<int> axes = stackalloc int[MostAxes];
        var rank = 0;
        long count = 1;
        Next(JsonTokenType.StartArray, $"shape of {tensor}", "a list");
        while (NextElement())
        {
            if (rank == MostAxes)
                throw Refusal.Of(path, $"shape of {tensor} has more than {MostAxes} axes.");
            var length = (int)Whole($"shape of {tensor}", int.MaxValue);
            if (length > 0 && count > long.MaxValue / length)
                throw Refusal.Of(path, $"shape of {tensor} holds more than {long.MaxValue:N0} numbers.");
            axes[rank++] = length;
            count *= length;
        }

        return new Shape(axes[..rank]);
    }

    (long Start, long End) ReadPlace(string tensor)
    {
        var what = $"data_offsets of {tensor}";
        Next(JsonTokenType.StartArray, what, "a list");
        Next(JsonTokenType.Number, what, "two numbers");
        var start = Whole(what, long.MaxValue);
        Next(JsonTokenType.Number, what, "two numbers");
        var end = Whole(what, long.MaxValue);
        Next(JsonTokenType.EndArray, what, "two numbers");
        return start <= end
            ? (start, end)
            : throw Refusal.Of(path, $"{what} are [{start}, {end}], expected the end after the start.");
    }

    // The next property of an object, null at its end.
    string? NextName()
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName ? Text() : null;
    }

    bool NextElement()
    {
        reader.Read();
        return reader.TokenType != JsonTokenType.EndArray;
    }

    void Next(JsonTokenType expected, string what, string description)
    {
        if (!reader.Read() || reader.TokenType != expected)
            throw Refusal.Of(path, $"{what} is not {description}.");
    }

    readonly long Whole(string what, long most) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0 && value <= most
            ? value
            : throw Refusal.Of(path, $"{what} has an element that is no whole number from 0 to {most:N0}.");

    // An escape can spell half a surrogate pair, which no string of the format is.
    readonly string Text()
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            var place = SafetensorsHeader.Prefix + reader.BytesConsumed;
            throw Refusal.Of(path, $"the header holds half a surrogate pair before byte {place:N0}.");
        }
    }
}
