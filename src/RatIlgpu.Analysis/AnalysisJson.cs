using System.Text;
using RatIlgpu.Text;

namespace RatIlgpu.Analysis;

/// <summary>Writes the parts that the JSON files of all analyses share.</summary>
static class AnalysisJson
{
    /// <summary>The version of the files.</summary>
    public const int Version = 3;

    // The same bytes on every system.
    static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

    /// <summary>Returns the text of a file.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        Write(bytes, write);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Writes a file to a stream, which stays open: an object, then the end of the last line.</summary>
    public static void Write(Stream destination, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(destination, Layout))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        destination.WriteByte((byte)'\n');
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public static void Save(string path, Action<Utf8JsonWriter> write) =>
        WholeFile.Write(path, stream => Write(stream, write));

    /// <summary>Writes the kind of the file, the model, and what made the results if that is known.</summary>
    public static void WriteHead(Utf8JsonWriter json, string kind, LanguageModel model, TraceOrigin? origin) =>
        WriteHead(
            json, kind, model.Name,
            (model.Config.LayerCount, model.Config.HeadCount, model.Config.KeyValueHeadCount), origin);

    /// <summary>Writes the kind of the file, a model that may not be at hand, and what made the results if that is
    /// known.</summary>
    public static void WriteHead(
        Utf8JsonWriter json,
        string kind,
        string model,
        (int Layers, int Heads, int KeyHeads) counts,
        TraceOrigin? origin)
    {
        json.WriteString("kind", kind);
        json.WriteNumber("version", Version);
        json.WriteStartObject("model");
        json.WriteString("name", WellFormed(model));
        json.WriteNumber("layer_count", counts.Layers);
        json.WriteNumber("head_count", counts.Heads);
        json.WriteNumber("key_head_count", counts.KeyHeads);
        json.WriteEndObject();
        if (origin is not null)
            WriteOrigin(json, origin);
    }

    /// <summary>Returns the parts of prompts with their numbers, from 1.</summary>
    public static IEnumerable<(int Number, T Part)> Numbered<T>(IEnumerable<T> parts) =>
        parts.Select((part, place) => (place + 1, part));

    /// <summary>Writes the parts of several prompts, each with the number of its prompt, from 1.</summary>
    public static void WritePrompts<T>(Utf8JsonWriter json, IEnumerable<(int Number, T Part)> parts, Action<T> write) =>
        WriteObjects(json, "prompts", parts, one =>
        {
            json.WriteNumber("prompt", one.Number);
            write(one.Part);
        });

    /// <summary>Writes a prompt, token by token.</summary>
    public static void WriteTokens(Utf8JsonWriter json, string name, ImmutableArray<int> ids, LanguageModel model) =>
        WriteList(json, name, ids, id => WriteToken(json, id, model));

    /// <summary>Writes the tokens of a target, or its direction, each null where the target does not have it.</summary>
    public static void WriteTarget(Utf8JsonWriter json, LogitTarget? target, LanguageModel model) =>
        WriteTarget(json, target, model.Tokenizer.Token);

    /// <summary>Writes a target, whose tokens have texts.</summary>
    public static void WriteTarget(Utf8JsonWriter json, LogitTarget? target, Func<int, TokenText> tokens)
    {
        WriteToken(json, "answer", target?.Answer, tokens);
        WriteToken(json, "foil", target?.Foil, tokens);
        if (target?.Direction is not { } direction)
        {
            json.WriteNull("direction");
            return;
        }

        json.WriteStartObject("direction");
        json.WriteString("name", WellFormed(direction.Name));
        json.WriteNumber("width", direction.Values.Length);
        WriteNumber(json, "norm", direction.Norm);
        json.WriteEndObject();
    }

    /// <summary>Writes a token under a name, or null where there is none.</summary>
    public static void WriteToken(Utf8JsonWriter json, string name, int? token, LanguageModel model) =>
        WriteToken(json, name, token, model.Tokenizer.Token);

    static void WriteToken(Utf8JsonWriter json, string name, int? token, Func<int, TokenText> tokens)
    {
        json.WritePropertyName(name);
        if (token is { } id)
            WriteToken(json, tokens(id));
        else
            json.WriteNullValue();
    }

    /// <summary>Writes the names of heads.</summary>
    public static void WriteHeads(Utf8JsonWriter json, string name, ValueArray<HeadIndex> heads) =>
        WriteList(json, name, heads, head => json.WriteStringValue(head.ToString()));

    /// <summary>Writes chosen places of an axis, or null for all.</summary>
    public static void WritePlaces(Utf8JsonWriter json, string name, ImmutableArray<int>? places)
    {
        if (places is { } some)
            WriteList(json, name, some, json.WriteNumberValue);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes what was changed in a run, as a trace has it: a line for each intervention.</summary>
    public static void WriteInterventions(Utf8JsonWriter json, ValueArray<string> lines) =>
        WriteList(json, "interventions", lines, line => json.WriteStringValue(WellFormed(line)));

    /// <summary>Writes a labelled array: the names of its axes, their labels, and the values in their order.</summary>
    public static void WriteArray(Utf8JsonWriter json, LabelledArray array)
    {
        WriteList(json, "axes", array.Axes, axis => json.WriteStringValue(axis.Name));
        json.WriteStartObject("labels");
        foreach (var axis in array.Axes)
            WriteList(json, axis.Name, axis.Labels, json.WriteStringValue);
        json.WriteEndObject();
        WriteNumbers(json, "values", array.Values);
    }

    /// <summary>Writes a token: its id and its text.</summary>
    public static void WriteToken(Utf8JsonWriter json, int id, LanguageModel model) =>
        WriteToken(json, model.Tokenizer.Token(id));

    static void WriteToken(Utf8JsonWriter json, TokenText token)
    {
        json.WriteStartObject();
        json.WriteNumber("id", token.Id);
        json.WriteString("text", WellFormed(token.Text));
        json.WriteEndObject();
    }

    /// <summary>Writes a number, or null in place of one that is not finite, which JSON cannot write.</summary>
    public static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } some && double.IsFinite(some))
            json.WriteNumber(name, some);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes numbers, with null in place of those that are not there or not finite.</summary>
    public static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<double?> numbers) =>
        WriteList(json, name, numbers, number =>
        {
            if (number is { } some && double.IsFinite(some))
                json.WriteNumberValue(some);
            else
                json.WriteNullValue();
        });

    /// <summary>Writes a mean, its spread and its count.</summary>
    public static void WriteSpread(Utf8JsonWriter json, string name, MeanAndSpread number)
    {
        json.WriteStartObject(name);
        WriteSpread(json, number);
        json.WriteEndObject();
    }

    /// <summary>Writes the members of a number over prompts.</summary>
    public static void WriteSpread(Utf8JsonWriter json, MeanAndSpread number)
    {
        WriteNumber(json, "mean", number.Mean);
        WriteNumber(json, "spread", number.Spread);
        json.WriteNumber("count", number.Count);
    }

    /// <summary>Writes a list.</summary>
    public static void WriteList<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }

    /// <summary>Writes a list of objects.</summary>
    public static void WriteObjects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write) =>
        WriteList(json, name, items, item =>
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        });

    static void WriteOrigin(Utf8JsonWriter json, TraceOrigin origin)
    {
        json.WriteStartObject("origin");
        foreach (var (name, text) in new[]
            { ("title", origin.Title), ("command", origin.Command), ("version", origin.Version) })
            if (text is not null)
                json.WriteString(name, WellFormed(text));
        json.WriteEndObject();
    }

    /// <summary>Returns a value of an enumeration as files spell it, such as <c>query_head</c>.</summary>
    public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>Returns a text in which half a surrogate pair is U+FFFD.</summary>
    public static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
