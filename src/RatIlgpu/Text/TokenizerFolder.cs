using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads the tokenizer files of a checkpoint folder.</summary>
static class TokenizerFolder
{
    /// <summary>The most bytes of a file; the largest published vocabularies take some 35 MB of JSON.</summary>
    public const int LargestFile = 128 << 20;

    // The token that ends a text unless a file names another.
    const string EndOfText = "<|endoftext|>";

    const string WriteJson =
        "transformers writes that file: AutoTokenizer.from_pretrained(folder).save_pretrained(folder)";

    // A folder may hold any number of folders; so many are looked at.
    const int MostFolders = 10_000;

    // The files that a tokenizer is read from.
    static readonly string[] Tokenizers = ["tokenizer.json", "vocab.json", "merges.txt"];

    // What SentencePiece, Mistral and tiktoken write.
    static readonly string[] OtherForms = ["tokenizer.model", "tekken.json", "qwen.tiktoken"];

    // Qwen2's special tokens, in the order of their ids, for a folder that names none.
    static readonly string[] OwnTokens = [EndOfText, "<|im_start|>", "<|im_end|>"];

    /// <summary>Loads the tokenizer of a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static BytePairTokenizer Load(string folder, int longestForPackage = BytePairEncoder.LongestForPackage)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder, expected one with a tokenizer.");
        var config = TokenizerConfig.Read(folder);
        var whole = Path.Combine(folder, "tokenizer.json");
        var parts = File.Exists(whole)
            ? TokenizerJson.Read(whole, longestForPackage)
            : ReadPair(folder, config, longestForPackage);
        if (parts.Spaces is null)
            config.NeedNoPrefixSpace();
        var added = Join(parts, config);
        var template = config.OwnTemplate(parts.Vocabulary.IdOf) ?? parts.Template;
        foreach (var id in template.Start.Concat(template.End))
            if (parts.Vocabulary.Vocabulary[id].IsEmpty)
                throw Refusal.Of(parts.File, $"post_processor puts id {id} around texts, which has no token.");
        var cutting = new Cutting(
            Sought(added, isNormalized: false),
            parts.Normalization,
            Sought(added, isNormalized: true),
            parts.Encoder,
            parts.Spaces);
        return new(parts.Vocabulary.Vocabulary, cutting, template, EndToken(config.EndToken, added));

        // Tokens that are sought after normalisation are sought by their own normalised text.
        AddedTokens Sought(IEnumerable<AddedToken> tokens, bool isNormalized) => new(
            tokens.Where(token => token.IsNormalized == isNormalized)
                .Select(token => (parts.Normalization.Of(token), token)),
            config.SplitsSpecialTokens);
    }

    /// <summary>Loads the tokenizer of a folder; where the folder has no file of one, tokens have their numbers as
    /// texts.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="count">The number of tokens in that case.</param>
    public static Tokenizer LoadOrNumber(string folder, int count)
    {
        try
        {
            return Load(folder);
        }
        catch (FileNotFoundException missing)
            when (!Tokenizers.Concat(OtherForms).Any(name => File.Exists(Path.Combine(folder, name))))
        {
            return new NumberedTokens(count, missing);
        }
    }

    // Reads vocab.json and merges.txt.
    static TokenizerParts ReadPair(string folder, TokenizerConfig config, int longestForPackage)
    {
        foreach (var other in OtherForms.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            if (!File.Exists(Path.Combine(folder, "vocab.json")))
                throw Refusal.Of(
                    other, $"is a form that is not read, and the folder has no tokenizer.json; {WriteJson}.");
        var isKnown = config.Class.Is("Qwen2Tokenizer") || config.Class.Is("Qwen2TokenizerFast");
        config.Class.Need(isKnown || config.Class.IsMissing, "'Qwen2Tokenizer'");
        var (tokens, merges) = (Existing(folder, "vocab.json"), Existing(folder, "merges.txt"));
        var vocabulary = VocabularyBuilder.ByteLevel(tokens);
        var json = InputFile.Read(tokens, LargestFile);
        vocabulary.AddSpelled(json, () => JsonPart.Parse(json, tokens));
        vocabulary.CheckBytes();
        var encoder = new BytePairEncoder(merges, vocabulary.Ids, Lines(merges), longestForPackage);
        var added = new List<AddedToken>();
        if (config.Added.Count == 0)
            foreach (var (i, content) in OwnTokens.Index())
                added.Add(new AddedToken(folder, content, vocabulary.Vocabulary.Count + i) { IsSpecial = true });
        return new TokenizerParts(merges, vocabulary, new WordEncoder(Pretokenizer.Qwen2, encoder))
        {
            Added = added,
            Normalization = new Normalization(Composes: true),
        };
    }

    static string Existing(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (File.Exists(file))
            return file;
        var cure = Tokenizers.Any(other => File.Exists(Path.Combine(folder, other))) ? ""
            : Inner(folder) is { } inner ? $"; there is a tokenizer in {inner}"
            : "; get all files of the folder again, or copy the tokenizer of the model that this one was made from";
        throw new FileNotFoundException(
            $"{folder}: has no {name}, expected tokenizer.json, or vocab.json and merges.txt{cure}.", file);
    }

    // The folder of a training run has its tokenizer in its checkpoints; the longest number is that of the newest.
    static string? Inner(string folder) => Directory.EnumerateDirectories(folder).Take(MostFolders)
        .Where(inner => Tokenizers.Any(name => File.Exists(Path.Combine(inner, name))))
        .OrderByDescending(inner => inner.Length).ThenByDescending(inner => inner, StringComparer.Ordinal)
        .FirstOrDefault();

    static IEnumerable<string> Lines(string file)
    {
        var text = InputFile.Text(file, LargestFile);
        return Split(text.StartsWith("#version", StringComparison.Ordinal) ? text[(text.IndexOf('\n') + 1)..] : text);

        static IEnumerable<string> Split(string text)
        {
            using var lines = new StringReader(text);
            while (lines.ReadLine() is { } line)
                if (line.Length > 0)
                    yield return line;
        }
    }

    // As in Hugging Face, the flags of tokenizer_config.json count where both files name a token, and the id of the
    // main file; and a token of the vocabulary that is named as special is an added token. An id is that of the file:
    // the Rust library does not read it, and its own numbers are the same unless the file was edited by hand
    // (findings/added-token-ids.sh).
    static Dictionary<string, AddedToken>.ValueCollection Join(TokenizerParts parts, TokenizerConfig config)
    {
        var joined = new Dictionary<string, AddedToken>();
        foreach (var token in parts.Added)
            Add(token);
        foreach (var token in config.Added)
            Add(joined.TryGetValue(token.Content, out var known) ? token with { Id = known.Id } : token);
        foreach (var token in config.SpecialTokens)
            if (!joined.ContainsKey(token.Content) && parts.Vocabulary.IdOf(token.Content) is { } id)
                Add(token with { Id = id });
        return joined.Values;

        void Add(AddedToken token)
        {
            parts.Vocabulary.Add(token);
            joined[token.Content] = token;
        }
    }

    static int? EndToken(JsonPart named, IEnumerable<AddedToken> added)
    {
        var content = named.IsMissing ? EndOfText : named.Text();
        var end = added.LastOrDefault(token => token.Content == content)?.Id;
        named.Need(named.IsMissing || end.HasValue, "one of the added tokens");
        return end;
    }
}

/// <summary>The contents of the main files of a tokenizer.</summary>
/// <param name="File">The file that has the merges, for messages.</param>
/// <param name="Vocabulary">The tokens without the added ones.</param>
/// <param name="Encoder">Encodes what lies between added tokens.</param>
sealed record TokenizerParts(string File, VocabularyBuilder Vocabulary, StretchEncoder Encoder)
{
    /// <summary>Gets the added tokens, if these files name any.</summary>
    public required IReadOnlyList<AddedToken> Added { get; init; }

    /// <summary>Gets what is done to the text between added tokens.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>Gets the stretches that get a space before them; null where spaces are bytes like others.</summary>
    public LeadingSpace? Spaces { get; init; }

    /// <summary>Gets the tokens around a prompt.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Bare;
}
