using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

/// <summary>Reads a direction of the stream from a file.</summary>
static class DirectionFile
{
    // A stream of a million numbers, 32 characters each; the widest models have some ten thousand.
    const int MostNumbers = 1 << 20, MostBytes = 32 * MostNumbers;

    /// <summary>Reads a direction.</summary>
    /// <inheritdoc cref="StreamDirection.Load"/>
    public static StreamDirection Read(string path)
    {
        var values = IsJson(path) ? OfJson(path) : OfTensor(path, 1).Values;
        return Direction(path, values, Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>Reads directions.</summary>
    /// <inheritdoc cref="StreamDirection.LoadEach"/>
    public static ImmutableArray<StreamDirection> ReadEach(string path)
    {
        var rows = IsJson(path) ? OfJsonRows(path) : RowsOfTensor(path);
        var name = Path.GetFileNameWithoutExtension(path);
        return rows is [var only]
            ? [Direction(path, only, name)]
            : [.. rows.Select((row, place) => Direction(path, row, FormattableString.Invariant($"{name}[{place}]")))];
    }

    static StreamDirection Direction(string path, double[] values, string name)
    {
        foreach (var (place, value) in values.Index())
            if (!double.IsFinite(value))
                throw Wrong(path, $"has {value} at {place}, expected finite numbers.");
        return new(ImmutableCollectionsMarshal.AsImmutableArray(values), name);
    }

    // A safetensors file starts with the length of its header, whose eighth byte is 0.
    static bool IsJson(string path)
    {
        using var stream = InputFile.Open(path);
        Span<byte> start = stackalloc byte[8];
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return count < start.Length || start[7] != 0;
    }

    static double[] OfJson(string path)
    {
        var reader = new Utf8JsonReader(InputFile.Read(path, MostBytes));
        var values = new List<double>();
        try
        {
            var isArray = reader.Read() && reader.TokenType == JsonTokenType.StartArray;
            while (isArray && reader.Read() && reader.TokenType == JsonTokenType.Number)
                values.Add(reader.GetDouble());
            if (!isArray || reader.TokenType != JsonTokenType.EndArray || reader.Read())
                throw Wrong(path, $"holds something beside a JSON array of numbers. {Expected}");
        }
        catch (JsonException)
        {
            throw Wrong(path, $"is neither JSON nor a safetensors file. {Expected}");
        }

        return values.Count > 0 ? [.. values] : throw Wrong(path, $"holds an empty array. {Expected}");
    }

    // A list of lists of numbers, each as long as the first; or one list of numbers.
    static double[][] OfJsonRows(string path)
    {
        var bytes = InputFile.Read(path, MostBytes);
        var start = bytes.AsSpan().TrimStart(" \t\r\n"u8);
        if (start is not [(byte)'[', ..] || start[1..].TrimStart(" \t\r\n"u8) is not [(byte)'[', ..])
            return [OfJson(path)];
        double[][]? rows;
        try
        {
            rows = JsonSerializer.Deserialize<double[][]>(bytes);
        }
        catch (JsonException)
        {
            throw Wrong(path, $"holds something beside JSON arrays of numbers. {ExpectedEach}");
        }

        return rows is [{ Length: > 0 } first, ..] && Array.TrueForAll(rows, row => row?.Length == first.Length)
            ? rows
            : throw Wrong(path, $"holds arrays that are empty or not equally long. {ExpectedEach}");
    }

    static double[][] RowsOfTensor(string path)
    {
        var (values, width) = OfTensor(path, 2);
        return [.. values.Chunk(width)];
    }

    // At most so many dimensions; the last is the width.
    static (double[] Values, int Width) OfTensor(string path, int mostDimensions)
    {
        using var file = SafetensorsFile.Open(path);
        if (file.Names is not [var name])
            throw Wrong(path, $"holds {file.Names.Count} tensors. {Expected}");
        var shape = file.ShapeOf(name);
        if (shape.Rank < 1 || shape.Rank > mostDimensions || shape.Count is 0 or > MostNumbers)
            throw Wrong(
                path, $"{OneLine.Quote(name)} is {shape}. {(mostDimensions == 1 ? Expected : ExpectedEach)}");
        using var tensor = file.Tensor(name);
        return (TensorNumbers.Read(tensor), (int)shape[^1]);
    }

    const string Expected = "Expected a JSON array of numbers, or one tensor [width] of F32, F16, BF16 or F64.";

    const string ExpectedEach = "Expected a JSON array of numbers, or of such arrays, or one tensor [width] or "
        + "[positions, width] of F32, F16, BF16 or F64.";

    static InvalidDataException Wrong(string path, FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");
}
