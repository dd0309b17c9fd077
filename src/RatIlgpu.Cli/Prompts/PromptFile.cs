using System.Text.Json;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Prompts;

/// <summary>Reads a file of prompts: one a line, or one JSON object a line.</summary>
static class PromptFile
{
    // A hundred thousand prompts of pages of text.
    const int MostBytes = 1 << 28;

    static readonly string[] Keys =
        ["prompt", "ids", "answer", "foil", "corrupted", "corrupted_ids", "position", "attention_mask"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file has no prompt, or a line is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImmutableArray<Prompt> Read(string path) =>
        Parse(WholeFile.IsDevice(path) ? ReadPipe(path) : InputFile.Text(path, MostBytes), path);

    /// <summary>Reads the text of a file; empty lines are left out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name of the file, for errors.</param>
    /// <exception cref="InvalidDataException">There is no prompt, or a line is damaged.</exception>
    public static ImmutableArray<Prompt> Parse(string text, string name)
    {
        // What some editors put before a text; JSON would be refused, and a prompt would have three tokens more.
        text = text.TrimStart('\uFEFF');
        var lines = text.Split('\n').Select(line => line.EndsWith('\r') ? line[..^1] : line).Index()
            .Where(line => line.Item.Length > 0).ToList();
        if (lines.Count == 0)
            throw new InvalidDataException($"{name}: has no prompt, expected one a line.");
        var isJson = name.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || lines[0].Item.StartsWith('{');
        return
        [
            .. lines.Select(line => (Line: line.Item, Where: $"{name}:{line.Index + 1}"))
                .Select(one => isJson ? FromJson(one.Line, one.Where) : new Prompt(one.Line, one.Where)),
        ];
    }

    // What a shell puts in the place of a file, as <(…): it has no length.
    static string ReadPipe(string path)
    {
        using var pipe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        using var bytes = new MemoryStream();
        var piece = new byte[1 << 16];
        while (pipe.Read(piece) is > 0 and var read)
        {
            bytes.Write(piece, 0, read);
            if (bytes.Length > MostBytes)
                throw new InvalidDataException($"{path}: has more than {MostBytes:N0} bytes, expected at most that.");
        }

        return Terminal.Decode(bytes.ToArray(), path);
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
                $"{where}: is no JSON ({e.Message.Split('.')[0]}), expected an object such as "
                + "{\"prompt\": \"…\"}.");
        }

        using (document)
            try
            {
                return FromJson(document.RootElement, where);
            }
            catch (InvalidOperationException)
            {
                throw Unfit(where, "has half of a surrogate pair", "well-formed Unicode");
            }
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
                    + $"{Suggestion.For(member.Name, Keys) switch { "" => ".", var hint => hint }}");
        var prompt = Of(root, "prompt", "ids", where)
            ?? throw Unfit(where, "has neither prompt nor ids", "one of them");
        return prompt with
        {
            Answer = Text(root, "answer", where),
            Foil = Text(root, "foil", where),
            Corrupted = Of(root, "corrupted", "corrupted_ids", where),
            Position = Position(root, where),
            AttentionMask = Mask(root, where),
        };
    }

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
