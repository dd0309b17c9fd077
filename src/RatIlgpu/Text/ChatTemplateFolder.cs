using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Finds the chat template of a checkpoint folder, in the order of Hugging Face.</summary>
static class ChatTemplateFolder
{
    /// <summary>The name of the file of the tokenizer's settings.</summary>
    public const string Config = "tokenizer_config.json";

    // The template that is used where no tools are given.
    const string Default = "default";
    const string Key = "chat_template";

    /// <summary>Finds the template; null where a file could have one and has none.</summary>
    /// <exception cref="FileNotFoundException">The folder has no file that could have one.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or there are several templates and none is the
    /// default.</exception>
    public static (string File, string Source)? Find(string folder)
    {
        if (OfFiles(folder) is { } found)
            return found;
        var files = new[] { Config, "chat_template.json" }.Select(name => Path.Combine(folder, name))
            .Where(File.Exists).ToList();
        if (files.Count == 0)
            throw new FileNotFoundException(
                $"{folder}: has no {Config}, expected it, with a chat_template.", Path.Combine(folder, Config));
        foreach (var file in files)
            if (JsonPart.Read(file, TokenizerFolder.LargestFile)[Key] is { IsMissing: false } part)
                return (file, Of(part));
        return null;
    }

    static (string File, string Source)? OfFiles(string folder)
    {
        var file = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file))
            return (file, Source(file));
        var more = Path.Combine(folder, "additional_chat_templates");
        if (!Directory.Exists(more))
            return null;
        var names = Directory.EnumerateFiles(more, "*.jinja").Select(Path.GetFileNameWithoutExtension).Order().ToList();
        file = Path.Combine(more, $"{Default}.jinja");
        return names.Count == 0 ? null
            : names.Contains(Default) ? (file, Source(file))
            : throw NoDefault(more, names!);
    }

    // A template of twice as many bytes as characters still fits.
    static string Source(string file) => InputFile.Text(file, 2 * JinjaTemplate.MostCharacters);

    static string Of(JsonPart part)
    {
        if (part.IsText)
            return part.Text();
        part.Need(part.IsList || part.IsObject, "text, or several templates with their names");
        var named = part.IsObject
            ? part.Members().ToList()
            : [.. part.Items().Select(item => (Name: item["name"].Text(), Value: item["template"]))];
        var found = named.FindLastIndex(one => one.Name == Default);
        return found >= 0
            ? named[found].Value.Text()
            : throw NoDefault($"{part.File}: {Key}", [.. named.Select(one => one.Name)]);
    }

    static InvalidDataException NoDefault(string place, List<string> names) => new(
        $"{place}: has the templates {OneLine.Shorten(string.Join(", ", names))}, expected one that is named "
        + $"'{Default}'.");
}
