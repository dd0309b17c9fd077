using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RatIlgpu.Text;

/// <summary>A value somewhere in a JSON file, which says where it stands when it is not what it should be.</summary>
readonly struct JsonPart
{
    const int MostShown = 160;

    readonly string file;
    readonly string parent;
    readonly string? member;
    readonly int index;
    readonly JsonElement element;

    JsonPart(string file, string parent, string? member, int index, JsonElement element) =>
        (this.file, this.parent, this.member, this.index, this.element) = (file, parent, member, index, element);

    /// <summary>Gets the file.</summary>
    public string File => file;

    /// <summary>Gets whether there is no value, or only null.</summary>
    public bool IsMissing => element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>Gets whether the value is a list.</summary>
    public bool IsList => element.ValueKind == JsonValueKind.Array;

    /// <summary>Gets whether the value is an object.</summary>
    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    /// <summary>Gets whether the value is the truth.</summary>
    public bool IsTrue => element.ValueKind == JsonValueKind.True;

    /// <summary>Gets a member; an object without it has a missing one.</summary>
    /// <exception cref="InvalidDataException">The value is not an object.</exception>
    public JsonPart this[string name]
    {
        get
        {
            Need(IsObject, "an object");
            return new JsonPart(file, Where, name, 0, element.TryGetProperty(name, out var value) ? value : default);
        }
    }

    /// <summary>Reads a file whose root is an object that has no name twice.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static JsonPart Read(string file)
    {
        var text = SmallFile.Text(file);
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            var root = new JsonPart(file, "", "", 0, JsonElement.Parse(text, options));
            root.Need(root.IsObject, "an object");
            return root;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The message may hold all the rest of the file.
            throw new InvalidDataException($"{file}: cannot be read as JSON: {Shown(fault.Message)}", fault);
        }
    }

    /// <summary>Returns the members of an object, each with its name.</summary>
    /// <exception cref="InvalidDataException">The value is not an object.</exception>
    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        Need(IsObject, "an object");
        var where = Where;
        foreach (var property in element.EnumerateObject())
            yield return (property.Name, new JsonPart(file, where, property.Name, 0, property.Value));
    }

    /// <summary>Returns the items of a list.</summary>
    /// <exception cref="InvalidDataException">The value is not a list.</exception>
    public IEnumerable<JsonPart> Items()
    {
        Need(IsList, "a list");
        var (where, next) = (Where, 0);
        foreach (var item in element.EnumerateArray())
            yield return new JsonPart(file, where, null, next++, item);
    }

    /// <summary>Returns the value as text.</summary>
    /// <exception cref="InvalidDataException">The value is not text.</exception>
    public string Text()
    {
        Need(element.ValueKind == JsonValueKind.String, "text");
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException fault)
        {
            throw new InvalidDataException(
                $"{file}: {Name} is text with half a character, expected well-formed Unicode.", fault);
        }
    }

    /// <summary>Returns the value as a token's id.</summary>
    /// <exception cref="InvalidDataException">The value is not an id.</exception>
    public int Id()
    {
        var id = -1;
        var valid = element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out id);
        Need(valid && id is >= 0 and <= VocabularyBuilder.LargestId, VocabularyBuilder.IdRange);
        return id;
    }

    /// <summary>Returns the exception that says that the value is not what is expected.</summary>
    public InvalidDataException Refusal(string expected) => new($"{file}: {Name} is {Found()}, expected {expected}.");

    /// <summary>Refuses the value unless a condition holds.</summary>
    /// <exception cref="InvalidDataException">It does not hold.</exception>
    public void Need(bool holds, string expected)
    {
        if (!holds)
            throw Refusal(expected);
    }

    /// <summary>Refuses the value unless it is this text.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public void Need(string text) => Need(element.ValueKind == JsonValueKind.String && Text() == text, $"'{text}'");

    /// <summary>Refuses the value unless it is written out as false.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public void NeedFalse() => Need(element.ValueKind == JsonValueKind.False, "false");

    /// <summary>Quotes text for a message of one line.</summary>
    public static string Quote(string text) => $"'{Shown(text)}'";

    string Where => (parent, member) switch
    {
        (_, null) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]"),
        ("", _) => Shown(member),
        _ => $"{parent}.{Shown(member)}",
    };

    string Name => Where.Length == 0 ? "the root" : Where;

    string Found() => element.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => Quote(Text()),
        _ => Shown(element.GetRawText()),
    };

    static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, MostShown)).EnumerateRunes())
            if (Rune.IsControl(rune))
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                shown.Append(rune);
        return text.Length > MostShown ? shown.Append('…').ToString() : shown.ToString();
    }
}
