using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Writes what the files of all analyses have in common.</summary>
static class AnalysisJson
{
    const int Version = 1;

    /// <summary>Writes what kind of file it is, and of which model.</summary>
    public static void WriteHead(Utf8JsonWriter json, string kind, LanguageModel model)
    {
        json.WriteString("kind", kind);
        json.WriteNumber("version", Version);
        json.WriteStartObject("model");
        json.WriteString("name", TraceJson.WellFormed(model.Name));
        json.WriteNumber("layer_count", model.Config.LayerCount);
        json.WriteNumber("head_count", model.Config.HeadCount);
        json.WriteNumber("key_head_count", model.Config.KeyValueHeadCount);
        json.WriteEndObject();
    }

    /// <summary>Writes a prompt, token by token.</summary>
    public static void WriteTokens(Utf8JsonWriter json, string name, ImmutableArray<int> ids, LanguageModel model)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
            WriteToken(json, id, model);
        json.WriteEndArray();
    }

    /// <summary>Writes whose logit is looked at, and where.</summary>
    public static void WriteTarget(Utf8JsonWriter json, LogitTarget target, int position, LanguageModel model)
    {
        json.WritePropertyName("answer");
        WriteToken(json, target.Answer, model);
        json.WritePropertyName("foil");
        if (target.Foil is { } foil)
            WriteToken(json, foil, model);
        else
            json.WriteNullValue();
        json.WriteNumber("position", position);
    }

    /// <summary>Writes a token: its number and its text.</summary>
    public static void WriteToken(Utf8JsonWriter json, int id, LanguageModel model)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("text", TraceJson.WellFormed(model.Tokenizer.Token(id).Text));
        json.WriteEndObject();
    }

    /// <summary>Writes a number; JSON has none that is not finite, so null in its place.</summary>
    public static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } some && double.IsFinite(some))
            json.WriteNumber(name, some);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a place on an axis, if the result has the axis.</summary>
    public static void WritePlace(Utf8JsonWriter json, string name, int? place)
    {
        if (place is { } some)
            json.WriteNumber(name, some);
    }

    /// <summary>Returns a value of an enumeration as files spell it, such as <c>query_head</c>.</summary>
    public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
