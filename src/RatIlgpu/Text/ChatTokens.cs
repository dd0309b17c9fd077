namespace RatIlgpu.Text;

/// <summary>The special tokens that a chat template can name, such as <c>bos_token</c>.</summary>
/// <param name="Texts">The texts of tokens by the names of the settings.</param>
/// <param name="Additional">The further special tokens.</param>
sealed record ChatTokens(IReadOnlyDictionary<string, string> Texts, ImmutableArray<string> Additional)
{
    /// <summary>No tokens.</summary>
    public static readonly ChatTokens None = new(new Dictionary<string, string>(), []);

    const string UsualClass = "Qwen2Tokenizer";

    static readonly (string Name, string Text)[] OfLlama =
        [("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")];

    // What the classes of Hugging Face take where a folder does not name a token.
    static readonly Dictionary<string, (string Name, string Text)[]> Defaults = new()
    {
        [UsualClass] =
        [
            ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>"), ("pad_token", "<|endoftext|>"),
        ],
        ["LlamaTokenizer"] = OfLlama,
        ["CodeLlamaTokenizer"] = OfLlama,
    };

    /// <summary>Reads the tokens of a folder.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static ChatTokens Read(string folder)
    {
        var config = TokenizerConfig.Read(folder);
        var texts = (Defaults.GetValueOrDefault(config.ClassName ?? UsualClass) ?? [])
            .ToDictionary(token => token.Name, token => token.Text);
        foreach (var name in TokenizerConfig.Names)
            if (config.Named(name) is { IsAbsent: false } token)
                texts[name] = token.IsNull ? "" : TokenizerConfig.TextOf(token);
        if (config.Named(TokenizerConfig.ExtraTokens) is { IsObject: true } extra)
            foreach (var (name, token) in extra.Members())
                texts[name] = TokenizerConfig.TextOf(token);
        var additional = config.Named(TokenizerConfig.AdditionalTokens);
        return new(texts, additional.IsMissing ? [] : [.. additional.Items().Select(TokenizerConfig.TextOf)]);
    }

    /// <summary>Returns the variables of a template; a token that the folder does not name is undefined.</summary>
    public IEnumerable<(string Name, object? Value)> Variables(TemplateRun run)
    {
        foreach (var (name, text) in Texts)
            if (text.Length > 0)
                yield return (name, text);
        if (Additional.Length > 0)
            yield return (TokenizerConfig.AdditionalTokens, new Sequence(run, SequenceKind.List, [.. Additional]));
    }
}
