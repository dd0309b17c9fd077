using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads the tokenizer files of a checkpoint folder.</summary>
static class TokenizerFolder
{
    /// <summary>The most bytes of a file; the largest published vocabularies take some 35 MB of JSON.</summary>
    public const int LargestFile = 128 << 20;

    // The token that ends a text unless a file names another.
    const string EndOfText = "<|endoftext|>";

    // Qwen2's special tokens, in the order of their ids, for a folder that names none.
    static readonly string[] OwnTokens = [EndOfText, "<|im_start|>", "<|im_end|>"];

    /// <summary>Loads the tokenizer of a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static Qwen2Tokenizer Load(string folder, int longestForPackage = BytePairEncoder.LongestForPackage)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder, expected one with a tokenizer.");
        var config = TokenizerConfig.Read(folder);
        var whole = Path.Combine(folder, "tokenizer.json");
        var parts = File.Exists(whole) ? TokenizerJson.Read(whole) : ReadPair(folder, config);
        var vocabulary = parts.Vocabulary;
        vocabulary.CheckBytes();
        var encoder = new BytePairEncoder(parts.File, vocabulary.Ids, parts.Merges, longestForPackage);
        var added = parts.Added.Count > 0 ? parts.Added : config.Added;
        foreach (var token in added)
            vocabulary.AddSpecial(token);
        var (raw, composed) = Specials(added, parts.Composes);
        var end = EndToken(config.EndToken, added);
        return new Qwen2Tokenizer(vocabulary.Vocabulary, encoder, raw, composed, parts.Composes, end);
    }

    // Reads vocab.json and merges.txt.
    static TokenizerParts ReadPair(string folder, TokenizerConfig config)
    {
        var isKnown = config.Class.Is("Qwen2Tokenizer") || config.Class.Is("Qwen2TokenizerFast");
        config.Class.Need(isKnown || config.Class.IsMissing, "'Qwen2Tokenizer'");
        var (tokens, merges) = (Existing(folder, "vocab.json"), Existing(folder, "merges.txt"));
        var vocabulary = new VocabularyBuilder(tokens);
        var json = InputFile.Read(tokens, LargestFile);
        vocabulary.AddSpelled(json, () => JsonPart.Parse(json, tokens));
        var added = new List<AddedToken>();
        if (config.Added.Count == 0)
            foreach (var (i, content) in OwnTokens.Index())
                added.Add(new AddedToken(folder, content, vocabulary.Vocabulary.Count + i, IsNormalized: false));
        return new TokenizerParts(merges, vocabulary, Lines(merges), added, Composes: true);
    }

    static string Existing(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (!File.Exists(file))
            throw new FileNotFoundException(
                $"{folder}: has no {name}, expected tokenizer.json, or vocab.json and merges.txt.", file);
        return file;
    }

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

    // Tokens that are sought after normalisation are sought by their own normalised text.
    static (SpecialTokens Raw, SpecialTokens Composed) Specials(IReadOnlyList<AddedToken> added, bool composes)
    {
        Dictionary<string, int> raw = [], composed = [];
        foreach (var token in added)
            if (token.IsNormalized)
                composed[composes ? NormalizedText.FormC(token.Content) : token.Content] = token.Id;
            else
                raw[token.Content] = token.Id;
        return (new SpecialTokens(raw), new SpecialTokens(composed));
    }

    static int? EndToken(JsonPart named, IReadOnlyList<AddedToken> added)
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
/// <param name="Merges">The merges in the order of their ranks, each of two spellings with a space between
/// them.</param>
/// <param name="Added">The added tokens, if these files name any.</param>
/// <param name="Composes">True to bring texts to form C.</param>
sealed record TokenizerParts(
    string File,
    VocabularyBuilder Vocabulary,
    IEnumerable<string> Merges,
    IReadOnlyList<AddedToken> Added,
    bool Composes);
