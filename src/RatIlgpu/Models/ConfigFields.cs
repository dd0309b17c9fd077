using System.Text.Json;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>The fields of one object of a config file; a field that is null counts as absent.</summary>
/// <param name="json">The object.</param>
/// <param name="path">The file, for the error.</param>
/// <param name="prefix">What stands before a field's name in an error, such as <c>rope_scaling.</c>.</param>
readonly struct ConfigFields(JsonElement json, string path, string prefix = "")
{
    /// <summary>Makes the exception for a field.</summary>
    public InvalidDataException Refuse(string name, FormattableString fault) =>
        Refusal.Of(path, $"{prefix + name} {FormattableString.Invariant(fault)}");

    /// <summary>Gets a field; null where there is none.</summary>
    public JsonElement? Find(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Tells whether a field is there and null.</summary>
    public bool IsNull(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>Gets the fields of an object in a field; null where there is none.</summary>
    public ConfigFields? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ConfigFields(value, path, prefix + name + "."),
        { } value => throw Refuse(name, $"is {JsonText.Kind(value)}, expected an object."),
    };

    /// <summary>Gets a whole number in [least, most] that must be there.</summary>
    public int Whole(string name, int least, int most) =>
        WholeOrNull(name, least, most) ?? throw Refuse(name, $"is missing.");

    /// <summary>Gets a whole number in [least, most]; null where there is none.</summary>
    public int? WholeOrNull(string name, int least, int most) =>
        Find(name) is { } value ? Whole(name, value, least, most) : null;

    /// <summary>Gets a whole number in [least, most] out of a field's value.</summary>
    public int Whole(string name, JsonElement value, int least, int most) =>
        value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw Refuse(name, $"is {JsonText.Kind(value)}, expected a whole number from {least:N0} to {most:N0}.");

    /// <summary>Gets a number of at least <paramref name="least"/>; null where there is none.</summary>
    public double? Number(string name, double least)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && double.IsFinite(number) && number >= least
            ? number
            : throw Refuse(name, $"is {JsonText.Kind(value)}, expected a number of at least {least}.");
    }

    /// <summary>Gets true or false; null where there is neither.</summary>
    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Refuse(name, $"is {JsonText.Kind(value)}, expected true or false."),
    };

    /// <summary>Gets text; null where there is none.</summary>
    public string? Text(string name) => Find(name) is { } value ? Text(name, value) : null;

    /// <summary>Gets the text a field's value is.</summary>
    public string Text(string name, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? JsonText.Text(value, path)
        : throw Refuse(name, $"is {JsonText.Kind(value)}, expected text.");

    /// <summary>Gets the elements of a list; null where there is none.</summary>
    public JsonElement.ArrayEnumerator? List(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        { } value => throw Refuse(name, $"is {JsonText.Kind(value)}, expected a list."),
    };
}
