using System.Globalization;
using System.Text.Json;

namespace RatIlgpu.Tracing;

/// <summary>A value of a JSON file that knows where it lies, so that it can say in one line what is wrong.</summary>
readonly struct JsonPlace
{
    // Numbers computed twice may come from different exponential and logarithm functions.
    const double Agreement = 1e-6;
    const int LongestExcerpt = 40;

    readonly JsonElement value;
    readonly string file;
    readonly string path;

    /// <summary>Starts at the top of a file.</summary>
    public JsonPlace(JsonElement value, string file)
        : this(value, file, "")
    {
    }

    JsonPlace(JsonElement value, string file, string path) => (this.value, this.file, this.path) = (value, file, path);

    /// <summary>Gets whether it is a text.</summary>
    public bool IsText => value.ValueKind == JsonValueKind.String;

    string Where => path.Length == 0 ? "the top level" : path;

    /// <summary>Gets what an object has under a name.</summary>
    public JsonPlace this[string name] => Find(name)
        ?? throw new InvalidDataException($"{file}: {Where} has no '{name}', expected one.");

    /// <summary>Returns what an object has under a name, or null.</summary>
    public JsonPlace? Find(string name)
    {
        Need(JsonValueKind.Object, "an object");
        if (!value.TryGetProperty(name, out var found))
            return null;
        return new(found, file, path.Length == 0 ? name : $"{path}.{name}");
    }

    /// <summary>Returns the items of a list.</summary>
    public JsonPlace[] Items()
    {
        Need(JsonValueKind.Array, "a list");
        var items = new JsonPlace[value.GetArrayLength()];
        var i = 0;
        foreach (var item in value.EnumerateArray())
            items[i] = new(item, file, $"{path}[{i++}]");
        return items;
    }

    /// <summary>Returns the items of a list that has so many.</summary>
    public JsonPlace[] Items(int count)
    {
        Need(JsonValueKind.Array, "a list");
        return value.GetArrayLength() == count ? Items() : throw Unexpected($"a list of {count}");
    }

    /// <summary>Returns a whole number of a range.</summary>
    public int Integer(int least, int most = int.MaxValue) =>
        TryInteger(out var number) && number >= least && number <= most
            ? number
            : throw Unexpected(most == int.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {least}")
                : string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    /// <summary>Returns a finite number.</summary>
    public double Number() =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Unexpected("a number");

    /// <summary>Returns a number of a range.</summary>
    public double Number(double least, double most)
    {
        var number = Number();
        return number >= least && number <= most
            ? number
            : throw Unexpected(FormattableString.Invariant($"a number from {least} to {most}"));
    }

    /// <summary>Returns a number that differs from another at most by rounding.</summary>
    public double Near(double expected)
    {
        var number = Number();
        return Math.Abs(number - expected) <= Agreement * (1 + Math.Abs(expected))
            ? number
            : throw Unexpected(FormattableString.Invariant($"{expected} as the rest of the file says"));
    }

    /// <summary>Returns true or false.</summary>
    public bool Flag() => value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean()
        : throw Unexpected("true or false");

    /// <summary>Returns a text.</summary>
    public string Text() => TextOrNull() ?? throw Unexpected("a text");

    /// <summary>Returns the bytes, at least one, that a text in base64 stands for.</summary>
    public byte[] Bytes() => TextOrNull() is not null && value.TryGetBytesFromBase64(out var bytes) && bytes.Length > 0
        ? bytes
        : throw Unexpected("bytes in base64");

    /// <summary>Checks that it is a certain whole number.</summary>
    public void MustBe(int expected)
    {
        if (!TryInteger(out var found) || found != expected)
            throw Unexpected(FormattableString.Invariant($"{expected}"));
    }

    /// <summary>Checks that it is a certain text.</summary>
    public void MustBe(string expected)
    {
        if (Text() != expected)
            throw Unexpected(Quote(expected));
    }

    /// <summary>Returns the error that something else was expected here.</summary>
    public InvalidDataException Unexpected(string expected) =>
        new($"{file}: {Where} is {Found()}, expected {expected}.");

    void Need(JsonValueKind kind, string expected)
    {
        if (value.ValueKind != kind)
            throw Unexpected(expected);
    }

    bool TryInteger(out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number);
    }

    // JSON is parsed without a look at what its texts hold: one that is not Unicode shows only here.
    string? TextOrNull()
    {
        try
        {
            return IsText ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    string Found() => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {value.GetArrayLength()}",
        JsonValueKind.String => TextOrNull() is { } text ? Quote(text) : "a text that is not Unicode",
        JsonValueKind.Number => Shorten(value.GetRawText()),
        _ => value.GetRawText(),
    };

    static string Quote(string text) => $"'{PathText.Escape(Shorten(text))}'";

    static string Shorten(string text) => text.Length <= LongestExcerpt ? text : text[..LongestExcerpt] + "…";
}
