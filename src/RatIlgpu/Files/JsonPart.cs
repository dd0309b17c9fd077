using System.Runtime.InteropServices;
using System.Text.Json;

namespace RatIlgpu.Files;

/// <summary>A value in a JSON file; its errors name the place and the expected value.</summary>
readonly struct JsonPart
{
    readonly string parent;
    readonly string? member;
    readonly int index;
    readonly JsonElement element;

    JsonPart(string file, string parent, string? member, int index, JsonElement element) =>
        (File, this.parent, this.member, this.index, this.element) = (file, parent, member, index, element);

    /// <summary>Gets the file.</summary>
    public string File { get; }

    /// <summary>Gets the place of the value in the file, such as <c>model.merges[2]</c>.</summary>
    public string Name => Where.Length == 0 ? "the root" : Where;

    /// <summary>Gets whether there is no value, or only null.</summary>
    public bool IsMissing => element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>Gets whether the value is written out as null.</summary>
    public bool IsNull => element.ValueKind == JsonValueKind.Null;

    /// <summary>Gets whether there is no such member, not even null.</summary>
    public bool IsAbsent => element.ValueKind == JsonValueKind.Undefined;

    /// <summary>Gets whether the value is an object without members.</summary>
    public bool IsEmptyObject => IsObject && element.GetPropertyCount() == 0;

    /// <summary>Gets whether the value is a list.</summary>
    public bool IsList => element.ValueKind == JsonValueKind.Array;

    /// <summary>Gets whether the value is a list without items.</summary>
    public bool IsEmptyList => IsList && element.GetArrayLength() == 0;

    /// <summary>Gets whether the value is an object.</summary>
    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>Gets whether the value is text.</summary>
    public bool IsText => element.ValueKind == JsonValueKind.String;

    /// <summary>Gets whether the value is true or false.</summary>
    public bool IsFlag => element.ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>Gets whether the value is true.</summary>
    public bool IsTrue => element.ValueKind == JsonValueKind.True;

    /// <summary>Gets whether the value is false.</summary>
    public bool IsFalse => element.ValueKind == JsonValueKind.False;

    /// <summary>Gets the part itself, or null where it is missing.</summary>
    public JsonPart? OrNull => IsMissing ? null : this;

    string Where => (parent, member) switch
    {
        (_, null) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]"),
        ("", _) => OneLine.Shorten(member),
        _ => $"{parent}.{OneLine.Shorten(member)}",
    };

    /// <summary>Gets a member; an object without it has a missing one.</summary>
    public JsonPart this[string name] => Find(name) ?? new JsonPart(File, Where, name, 0, default);

    /// <summary>Reads a file whose root is an object, as strictly as the standard has it: no comments, no trailing
    /// commas; and no name twice in an object.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static JsonPart Read(string file, int most) => Parse(InputFile.Read(file, most), file);

    /// <summary>Reads the text of such a file: UTF-8, with or without a byte order mark.</summary>
    /// <exception cref="InvalidDataException">It is not such a text.</exception>
    public static JsonPart Parse(ReadOnlySpan<byte> json, string file)
    {
        InputFile.NeedUtf8(json, file);
        if (json.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            var root = new JsonPart(file, "", "", 0, JsonElement.Parse(json, options));
            root.Need(root.IsObject, "an object");
            return root;
        }
        catch (JsonException) when (KnownFile.KindOf(json) is { } kind)
        {
            throw Refusal.Of(file, $"{kind}");
        }
        catch (JsonException fault) when (fault.LineNumber is { } line)
        {
            throw Refusal.Of(file, $"is not JSON from line {line + 1}, byte {fault.BytePositionInLine + 1} on.");
        }
        catch (JsonException)
        {
            throw Refusal.Of(file, $"has a name twice in one object.");
        }
        catch (InvalidOperationException)
        {
            // Names are read here, to see that none is there twice; other strings are not.
            throw Refusal.Of(file, $"has a name with half a surrogate pair.");
        }
    }

    /// <summary>Returns a member, or null where the object has none.</summary>
    public JsonPart? Find(string name)
    {
        Need(IsObject, "an object");
        return element.TryGetProperty(name, out var value) ? new JsonPart(File, Where, name, 0, value) : null;
    }

    /// <summary>Returns the members of an object, each with its name.</summary>
    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        Need(IsObject, "an object");
        var where = Where;
        foreach (var property in element.EnumerateObject())
            yield return (property.Name, new JsonPart(File, where, property.Name, 0, property.Value));
    }

    /// <summary>Gets the JSON of the value, UTF-8.</summary>
    public ReadOnlySpan<byte> Raw => JsonMarshal.GetRawUtf8Value(element);

    /// <summary>Returns the items of a list.</summary>
    public JsonPart[] Items()
    {
        Need(IsList, "a list");
        var (where, items, next) = (Where, new JsonPart[element.GetArrayLength()], 0);
        foreach (var item in element.EnumerateArray())
            items[next] = new JsonPart(File, where, null, next++, item);
        return items;
    }

    /// <summary>Returns the items of a list that has so many.</summary>
    public JsonPart[] Items(int count)
    {
        Need(IsList && element.GetArrayLength() == count, string.Create(
            CultureInfo.InvariantCulture, $"a list of {count}"));
        return Items();
    }

    /// <summary>Returns the value as text.</summary>
    public string Text()
    {
        Need(IsText, "text");
        return TextOrNull() ?? throw Unexpected("well-formed Unicode");
    }

    /// <summary>Returns the value as a whole number in [least, most].</summary>
    public int Whole(int least, int most = int.MaxValue) =>
        WholeOrNull() is { } number && number >= least && number <= most
            ? number
            : throw Unexpected(FormattableString.Invariant($"a whole number from {least:N0} to {most:N0}"));

    /// <summary>Returns the value as a finite number.</summary>
    public double Number() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Unexpected("a number");

    /// <summary>Returns the value as a number in [least, most].</summary>
    public double Number(double least, double most)
    {
        var number = Number();
        return number >= least && number <= most
            ? number
            : throw Unexpected(FormattableString.Invariant($"a number from {least} to {most}"));
    }

    /// <summary>Returns the value as true or false.</summary>
    public bool Flag()
    {
        Need(IsFlag, "true or false");
        return IsTrue;
    }

    /// <summary>Parses the value, which is text.</summary>
    /// <exception cref="InvalidDataException">The value is not text, or <paramref name="parse"/> throws a
    /// <see cref="FormatException"/> at it.</exception>
    public T As<T>(Func<string, T> parse, string expected)
    {
        try
        {
            return parse(Text());
        }
        catch (FormatException)
        {
            throw Unexpected(expected);
        }
    }

    /// <summary>Tells whether the value is this text.</summary>
    public bool Is(string text) => TextOrNull() == text;

    /// <summary>Tells whether the value is this number.</summary>
    public bool Is(double number) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var found) && found == number;

    /// <summary>Throws unless the value is this text.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void Need(string text) => Need(Is(text), OneLine.Quote(text));

    /// <summary>Throws unless the value is this whole number.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void Need(int number) => Need(WholeOrNull() == number, FormattableString.Invariant($"{number}"));

    /// <summary>Throws unless the value is written out as false.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public void NeedFalse() => Need(element.ValueKind == JsonValueKind.False, "false");

    /// <summary>Throws unless a condition holds.</summary>
    /// <exception cref="InvalidDataException">It does not hold.</exception>
    public void Need(bool holds, string expected)
    {
        if (!holds)
            throw Unexpected(expected);
    }

    /// <summary>Returns the exception that says that the value is not what is expected.</summary>
    public InvalidDataException Unexpected(string expected) =>
        new($"{File}: {Name} is {Found()}, expected {expected}.");

    int? WholeOrNull() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) ? number : null;

    // The parser does not validate escapes in strings; an unpaired surrogate is found only here.
    string? TextOrNull()
    {
        try
        {
            return IsText ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    string Found() => element.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => string.Create(CultureInfo.InvariantCulture, $"a list of {element.GetArrayLength()}"),
        JsonValueKind.String => TextOrNull() is { } text ? OneLine.Quote(text) : "text with half a surrogate pair",
        _ => OneLine.Shorten(element.GetRawText()),
    };
}
