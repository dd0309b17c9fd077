using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Mutations;

/// <summary>A sound folder, one file of which is mutated.</summary>
/// <param name="Name">The name of the seed.</param>
/// <param name="Files">The files by their names.</param>
/// <param name="Targets">The files that are mutated, each with what is then tried.</param>
sealed record Seed(
    string Name, IReadOnlyDictionary<string, byte[]> Files, IReadOnlyList<(string File, Use Use)> Targets)
{
    const string Weights = "model.safetensors", Vocabulary = "vocab.json";
    const string TokenizerJson = "tokenizer.json", TokenizerConfig = "tokenizer_config.json", Merges = "merges.txt";

    /// <summary>Returns all seeds: folders of tests/cases and tests/golden, and templates and prompts.</summary>
    public static ImmutableList<Seed> All()
    {
        var seeds = ImmutableList.CreateBuilder<Seed>();
        var source = Read("tests", "cases", "base");
        (string, Use)[] tokenizer = [(TokenizerJson, Use.Tokenizer), (TokenizerConfig, Use.Tokenizer)];
        (string, Use)[] model = [(Weights, Use.Model), ("config.json", Use.Model)];
        seeds.Add(new("base", source, [.. model, .. tokenizer]));
        foreach (var folder in Directory.GetDirectories(Repository.Path("tests", "cases")).Order())
            if (Path.GetFileName(folder) is var name && name != "base")
                seeds.AddRange(OfCase(name, source));
        foreach (var folder in Directory.GetDirectories(Repository.Path("tests", "golden")).Order())
        {
            var files = Read(folder);
            seeds.Add(new(
                Path.GetFileName(folder), files,
                [.. files.Keys.Select(file => (file, Use.Model))]));
        }

        seeds.Add(OfVocabulary(source));
        foreach (var (name, template) in seeds.SelectMany(TemplatesOf).ToList())
            seeds.Add(OfTemplate(name, Encoding.UTF8.GetBytes(template), source));
        var templates = Directory.GetFiles(Repository.Path("tests"), "*.jinja", SearchOption.AllDirectories);
        foreach (var file in templates.Order())
            seeds.Add(OfTemplate(Path.GetFileName(file), File.ReadAllBytes(file), source));
        seeds.AddRange(OfPrompts());
        return seeds.ToImmutable();
    }

    // The overlay of a case and what it changes; a case that is refused as it stands is a seed too.
    static IEnumerable<Seed> OfCase(string name, Dictionary<string, byte[]> source)
    {
        var own = Read("tests", "cases", name);
        if (own.Keys.All(file => Path.GetExtension(file) is not (".json" or ".safetensors")))
            yield break;
        var files = source.Where(file => !own.Keys.Any(key => key.Contains(".safetensors", StringComparison.Ordinal))
            || file.Key != Weights).ToDictionary();
        foreach (var (file, content) in own)
            files[file] = content;
        yield return new(
            name, files,
            [.. own.Keys.Select(file => (file, file.StartsWith("token", StringComparison.Ordinal) ? Use.Tokenizer
                : Use.Model))]);
    }

    // The files of older tokenizers, made of those of the newer.
    static Seed OfVocabulary(Dictionary<string, byte[]> source)
    {
        var model = JsonNode.Parse(source[TokenizerJson])!["model"]!;
        var merges = model["merges"]!.AsArray().Select(merge => merge is JsonArray pair
            ? $"{pair[0]} {pair[1]}"
            : merge!.ToString());
        var files = source.Where(file => file.Key != TokenizerJson).ToDictionary();
        files[Vocabulary] = JsonSerializer.SerializeToUtf8Bytes(model["vocab"]);
        files[Merges] = Encoding.UTF8.GetBytes($"#version: 0.2\n{string.Join('\n', merges)}\n");
        return new(
            "vocabulary", files,
            [(Vocabulary, Use.Tokenizer), (Merges, Use.Tokenizer), (TokenizerConfig, Use.Tokenizer)]);
    }

    static Seed OfTemplate(string name, byte[] template, Dictionary<string, byte[]> source) => new(
        name, With(source, "chat_template.jinja", template), [("chat_template.jinja", Use.Template)]);

    // The templates in the configs of tokenizers that the seed changes.
    static IEnumerable<(string Name, string Template)> TemplatesOf(Seed seed)
    {
        if (!seed.Targets.Contains((TokenizerConfig, Use.Tokenizer)) || seed.Name == "vocabulary")
            yield break;
        var root = JsonNode.Parse(seed.Files[TokenizerConfig])!.AsObject();
        if (root["chat_template"] is JsonValue one)
            yield return ($"{seed.Name}.jinja", one.ToString());
        foreach (var (number, named) in (root["chat_template"] as JsonArray ?? []).Index())
            yield return ($"{seed.Name}-{number}.jinja", named!["template"]!.ToString());
    }

    static IEnumerable<Seed> OfPrompts()
    {
        const string Objects = """
            {"prompt": "When Mary and John", "answer": " Mary", "foil": " John", "position": "2:5"}
            {"ids": [1, 2, 3], "corrupted_ids": [1, 2, 4], "position": [0, -1], "attention_mask": "011"}
            {"prompt": "x – é \ud83d\ude00", "corrupted": "y", "position": -1, "attention_mask": [0, 1, 1]}
            """;
        const string Text = "When Mary and John\r\n\r\nThe cat – sat\nx\n";
        yield return Prompts("prompts.txt", Encoding.UTF8.GetBytes(Text));
        yield return Prompts("marked.txt", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)]);
        yield return Prompts("prompts.jsonl", Encoding.UTF8.GetBytes(Objects));
        yield return Prompts("prompts.json", Encoding.UTF8.GetBytes($"[{Objects.ReplaceLineEndings(",")}]"));

        static Seed Prompts(string name, byte[] content) =>
            new(name, new Dictionary<string, byte[]> { [name] = content }, [(name, Use.Prompts)]);
    }

    static Dictionary<string, byte[]> With(Dictionary<string, byte[]> files, string name, byte[] content) =>
        new(files) { [name] = content };

    static Dictionary<string, byte[]> Read(params string[] parts) =>
        Directory.GetFiles(Repository.Path(parts))
            .Where(file => !Path.GetFileName(file).StartsWith("golden.", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetFileName(file)!, File.ReadAllBytes);
}

/// <summary>What is tried with a folder.</summary>
enum Use
{
    /// <summary>The model is loaded, runs over three tokens and writes two.</summary>
    Model,

    /// <summary>The tokenizer is loaded and cuts texts; the chat template is read and renders a chat.</summary>
    Tokenizer,

    /// <summary>The chat template is read and renders a chat.</summary>
    Template,

    /// <summary>A file of prompts is read.</summary>
    Prompts,
}
