using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>The special tokens that a chat template can name, such as <c>bos_token</c>.</summary>
/// <param name="Texts">The texts of tokens by the names of the settings.</param>
/// <param name="Additional">The further special tokens.</param>
sealed record ChatTokens(IReadOnlyDictionary<string, string> Texts, ImmutableArray<string> Additional)
{
    /// <summary>No tokens.</summary>
    public static readonly ChatTokens None = new(new Dictionary<string, string>(), []);

    const string AdditionalTokens = "additional_special_tokens";

    static readonly string[] Names =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    // What the classes of Hugging Face take where a folder does not name a token.
    static readonly Dictionary<string, (string Name, string Text)[]> Defaults = new()
    {
        ["Qwen2Tokenizer"] =
        [
            ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>"), ("pad_token", "<|endoftext|>"),
        ],
        ["LlamaTokenizer"] = [("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")],
    };

    /// <summary>Reads the tokens of a folder.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <remarks>As in Hugging Face, <c>special_tokens_map.json</c> counts only where <c>tokenizer_config.json</c> does
    /// not list the added tokens.</remarks>
    public static ChatTokens Read(string folder)
    {
        var file = Path.Combine(folder, ChatTemplateFolder.Config);
        if (!File.Exists(file))
            return None;
        var config = JsonPart.Read(file, TokenizerFolder.LargestFile);
        var map = Path.Combine(folder, "special_tokens_map.json");
        var texts = new Dictionary<string, string>();
        foreach (var (name, text) in DefaultsOf(config["tokenizer_class"]))
            texts[name] = text;
        Add(config, texts);
        var additional = config[AdditionalTokens];
        if (config["added_tokens_decoder"].IsMissing && File.Exists(map))
        {
            var root = JsonPart.Read(map, TokenizerFolder.LargestFile);
            Add(root, texts);
            additional = root[AdditionalTokens] is { IsMissing: false } more ? more : additional;
        }

        if (config["extra_special_tokens"] is { IsObject: true } extra)
            foreach (var (name, token) in extra.Members())
                texts[name] = TextOf(token);
        return new ChatTokens(texts, additional.IsMissing ? [] : [.. additional.Items().Select(TextOf)]);
    }

    /// <summary>Returns the variables of a template; a token that a folder has not is undefined in it.</summary>
    public IEnumerable<(string Name, object? Value)> Variables(TemplateRun run)
    {
        foreach (var (name, text) in Texts)
            if (text.Length > 0)
                yield return (name, text);
        if (Additional.Length > 0)
            yield return (AdditionalTokens, new Sequence(run, SequenceKind.List, [.. Additional]));
    }

    static (string Name, string Text)[] DefaultsOf(JsonPart tokenizerClass)
    {
        var name = tokenizerClass.IsText ? tokenizerClass.Text() : "Qwen2Tokenizer";
        name = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;
        return Defaults.GetValueOrDefault(name) ?? [];
    }

    static void Add(JsonPart root, Dictionary<string, string> texts)
    {
        foreach (var name in Names)
            if (root[name] is { IsAbsent: false } token)
                texts[name] = token.IsNull ? "" : TextOf(token);
    }

    // A token is a text, or an object with its content and how it is cut out of texts.
    static string TextOf(JsonPart token) => token.IsObject ? token["content"].Text() : token.Text();
}
