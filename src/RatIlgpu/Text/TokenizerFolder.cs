using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads the tokenizer files of a checkpoint folder.</summary>
static class TokenizerFolder
{
    /// <summary>The token that ends a text unless a file names another.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>The most bytes a file may have; the largest published vocabularies take some 35 MB of JSON.</summary>
    public const int LargestFile = 128 << 20;

    // Qwen2's own, in the order of their ids, for a folder that names none.
    static readonly string[] OwnTokens = [EndOfText, "<|im_start|>", "<|im_end|>"];

    /// <summary>Reads <c>tokenizer.json</c>, or else <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">What the files beside them say.</param>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="InvalidDataException">A file is not as it should be.</exception>
    public static TokenizerParts Read(string folder, TokenizerConfig config)
    {
        var whole = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(whole))
        {
            var parts = TokenizerJson.Read(whole);
            return parts.Added.Count > 0 ? parts : parts with { Added = config.Added };
        }

        var isKnown = config.Class.Is("Qwen2Tokenizer") || config.Class.Is("Qwen2TokenizerFast");
        config.Class.Need(isKnown || config.Class.IsMissing, "'Qwen2Tokenizer'");
        var vocabulary = new VocabularyBuilder(Existing(folder, "vocab.json"));
        var merges = Existing(folder, "merges.txt");
        vocabulary.AddSpelled(JsonPart.Read(Existing(folder, "vocab.json"), LargestFile));
        var added = config.Added.Count > 0 ? config.Added : Own(folder, vocabulary);
        return new TokenizerParts(vocabulary, Merges(merges, vocabulary), added, Composes: true);
    }

    static string Existing(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (!File.Exists(file))
            throw new FileNotFoundException(
                $"{folder}: has no {name}, expected tokenizer.json, or vocab.json and merges.txt.", file);
        return file;
    }

    static IReadOnlyList<AddedToken> Own(string folder, VocabularyBuilder vocabulary) =>
        [.. OwnTokens.Select((content, place) => new AddedToken(folder, content, vocabulary.Count + place))];

    static MergeTable Merges(string file, VocabularyBuilder vocabulary)
    {
        var reader = new MergeReader(file, vocabulary);
        var text = InputFile.Text(file, LargestFile).AsSpan();
        if (text.StartsWith("#version"))
            text = text[(text.IndexOf('\n') + 1)..];
        foreach (var line in text.EnumerateLines())
            if (!line.IsEmpty)
                reader.Add(line);
        return reader.Table;
    }
}
