using System.Text.Json;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Prompts;

/// <summary>Reads a file of prompts: one a line, or one JSON object a line.</summary>
static class PromptFile
{
    static readonly string[] Keys =
        ["prompt", "ids", "system", "answer", "foil", "corrupted", "corrupted_ids", "position", "attention_mask"];

    // What other programs call these keys.
    static readonly Dictionary<string, string> OtherNames = new()
    {
        ["text"] = "prompt",
        ["content"] = "prompt",
        ["input"] = "prompt",
        ["question"] = "prompt",
        ["instruction"] = "prompt",
        ["clean"] = "prompt",
        ["clean_prompt"] = "prompt",
        ["corrupted_prompt"] = "corrupted",
        ["input_ids"] = "ids",
        ["token_ids"] = "ids",
        ["tokens"] = "ids",
        ["target"] = "answer",
        ["label"] = "answer",
        ["completion"] = "answer",
        ["mask"] = "attention_mask",
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file has no prompt, or a line is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImmutableArray<Prompt> Read(string path)
    {
        if (Path.GetExtension(path).ToUpperInvariant() is ".CSV" or ".TSV" or ".PARQUET" or ".XLSX")
            throw new InvalidDataException(
                $"{path}: is a table by its name, expected one prompt a line, or one JSON object a line; save the "
                + "column of prompts as a text file.");
        return Parse(PromptText.Decode(WholeFile.IsDevice(path) ? ReadPipe(path) : InputFile.Read(
            path, PromptText.MostBytes), path), path);
    }

    /// <summary>Reads the text of a file; blank lines are left out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name of the file, for errors.</param>
    /// <exception cref="InvalidDataException">There is no prompt, or a line is damaged.</exception>
    public static ImmutableArray<Prompt> Parse(string text, string name)
    {
        // A mark before a line is left where files were joined; JSON would be refused, and a prompt would have three
        // tokens more.
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n')
            .Select(PromptText.Unmarked).Index()
            .Where(line => !string.IsNullOrWhiteSpace(line.Item)).ToList();
        if (lines.Count == 0)
            throw new InvalidDataException($"{name}: has no prompt, expected one a line.");
        var saysJson = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        // One line in brackets may be a prompt; a bracket alone is none.
        if ((saysJson || (lines.Count > 1 && lines[0].Item.TrimStart().StartsWith('[')))
            && WholeJson(text, name) is { } prompts)
            return prompts;
        var isJson = saysJson || name.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
            || lines[0].Item.TrimStart().StartsWith('{');
        return
        [
            .. lines.Select(line => (Line: line.Item, Where: $"{name}:{line.Index + 1}"))
                .Select(one => isJson ? FromJson(one.Line, one.Where) : new Prompt(one.Line, one.Where)),
        ];
    }

    // What a shell puts in the place of a file, as <(…): it has no length.
    static byte[] ReadPipe(string path)
    {
        using var pipe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return PromptText.ReadAll(pipe, path);
    }

    // A file whose whole is one list or one object; null if it has an object a line.
    static ImmutableArray<Prompt>? WholeJson(string text, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(PromptText.Unmarked(text));
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                return [One(document.RootElement, name)];
            var prompts = document.RootElement.EnumerateArray().Index()
                .Select(one => One(one.Item, $"{name}[{one.Index}]")).ToImmutableArray();
            return prompts.IsEmpty ? throw Unfit(name, "has no prompt", "at least one") : prompts;
        }
        catch (JsonException)
        {
            return null;
        }

        static Prompt One(JsonElement item, string where) => Whole(where, () =>
            item.ValueKind == JsonValueKind.String ? new(item.GetString()!, where) : FromJson(item, where));
    }

    // Reads an element; text in it is not checked before.
    static Prompt Whole(string where, Func<Prompt> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Unfit(where, "has half of a surrogate pair", "well-formed Unicode");
        }
    }

    static Prompt FromJson(string line, string where)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{where}: is no JSON ({OneLine.Shorten(e.Message.Split('.')[0])}), expected an object such as "
                + "{\"prompt\": \"…\"}.");
        }

        using (document)
            return Whole(where, () => FromJson(document.RootElement, where));
    }

    static Prompt FromJson(JsonElement root, string where)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Unfit(where, "is no JSON object", "one such as {\"prompt\": \"…\"}");
        var seen = new HashSet<string>();
        foreach (var member in root.EnumerateObject())
            if (!seen.Add(member.Name))
                throw Unfit(where, $"has the key {OneLine.Quote(member.Name)} twice", "each once");
            else if (!Keys.Contains(member.Name))
                throw new InvalidDataException(
                    $"{where}: has the key {OneLine.Quote(member.Name)}, expected {string.Join(", ", Keys)}"
                    + Meant(member.Name));
        var prompt = Of(root, "prompt", "ids", where)
            ?? throw Unfit(where, "has neither prompt nor ids", "one of them");
        return prompt with
        {
            System = Text(root, "system", where),
            Answer = Text(root, "answer", where),
            Foil = Text(root, "foil", where),
            Corrupted = Of(root, "corrupted", "corrupted_ids", where),
            Position = Position(root, where),
            AttentionMask = Mask(root, where),
        };
    }

    static string Meant(string key) => OtherNames.TryGetValue(key, out var name)
        ? $"; did you mean {name}?"
        : Suggestion.For(key, Keys) switch { "" => ".", var hint => hint };

    static Prompt? Of(JsonElement root, string textKey, string idsKey, string where)
    {
        var text = Text(root, textKey, where);
        var hasIds = root.TryGetProperty(idsKey, out var ids) && ids.ValueKind != JsonValueKind.Null;
        if (text is not null && hasIds)
            throw Unfit(where, $"has both {textKey} and {idsKey}", "one of them");
        if (!hasIds)
            return text is null ? null : new(text, where);
        return ids.ValueKind == JsonValueKind.Array
            ? new(null, where) { Ids = [.. ids.EnumerateArray().Select(id => Id(id, idsKey, where))] }
            : throw Unfit(where, $"{idsKey} is no list", "a list of token ids");
    }

    static string? Text(JsonElement root, string key, string where)
    {
        if (!root.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw Unfit(where, $"{key} is {OneLine.Shorten(value.GetRawText())}", "a text in quotes");
    }

    static int Id(JsonElement id, string key, string where) =>
        id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Unfit(
                where, $"{key} has {OneLine.Shorten(id.GetRawText())}", "token ids: whole numbers of 0 or more");

    // A number, a list of numbers, or a text as on the command line.
    static Selection? Position(JsonElement root, string where)
    {
        if (!root.TryGetProperty("position", out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(one => one.GetRawText())),
            _ => value.GetRawText(),
        };
        try
        {
            return Selection.Parse(text);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{where}: position {e.Message}");
        }
    }

    // Digits as on the command line, or a list of them.
    static ImmutableArray<int>? Mask(JsonElement root, string where)
    {
        if (!root.TryGetProperty("attention_mask", out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Concat(value.EnumerateArray().Select(one => one.GetRawText())),
            _ => value.GetRawText(),
        };
        try
        {
            return Parsing.Mask(text);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"{where}: attention_mask {e.Message}");
        }
    }

    static InvalidDataException Unfit(string where, string found, string expected) =>
        new($"{where}: {found}, expected {expected}.");
}
