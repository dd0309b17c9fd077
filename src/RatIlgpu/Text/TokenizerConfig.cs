using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>The contents of <c>tokenizer_config.json</c> and <c>added_tokens.json</c>; a folder may lack
/// both.</summary>
sealed record TokenizerConfig(IReadOnlyList<AddedToken> Added, JsonPart Class, JsonPart EndToken)
{
    /// <summary>Reads the files of a folder.</summary>
    public static TokenizerConfig Read(string folder)
    {
        var file = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(file))
            return new TokenizerConfig(AddedBeside(folder), default, default);

        var root = JsonPart.Read(file, TokenizerFolder.LargestFile);
        foreach (var flag in new[] { "add_prefix_space", "split_special_tokens" })
            root[flag].Need(!root[flag].IsTrue, "false");
        var added = new List<AddedToken>();
        if (root["added_tokens_decoder"] is { IsMissing: false } decoder)
            foreach (var (id, entry) in decoder.Members())
                added.Add(AddedToken.Read(entry, Id(id, decoder)));
        var end = root["eos_token"];
        return new TokenizerConfig(
            added.Count > 0 ? added : AddedBeside(folder),
            root["tokenizer_class"],
            end.IsObject ? end["content"] : end);
    }

    static List<AddedToken> AddedBeside(string folder)
    {
        var added = new List<AddedToken>();
        var file = Path.Combine(folder, "added_tokens.json");
        if (File.Exists(file))
            foreach (var (content, id) in JsonPart.Read(file, TokenizerFolder.LargestFile).Members())
                added.Add(new AddedToken(file, content, id.Whole(0, Vocabulary.LargestId), IsNormalized: false));
        return added;
    }

    static int Id(string name, JsonPart decoder)
    {
        var isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        return isNumber && id <= Vocabulary.LargestId
            ? id
            : throw Refusal.Of(
                decoder.File,
                $"{decoder.Name} has {Refusal.Quote(name)}, not an id from 0 to {Vocabulary.LargestId:N0}.");
    }
}

/// <summary>A token that a folder adds to the vocabulary, and that is cut out of texts whole.</summary>
/// <param name="File">The file that names it, for messages.</param>
/// <param name="Content">The token's text.</param>
/// <param name="Id">The token's number.</param>
/// <param name="IsNormalized">True if the token is sought in the normalised text, false if in the text as it
/// stands.</param>
sealed record AddedToken(string File, string Content, int Id, bool IsNormalized)
{
    // Each of these flags moves or hides the edges of a token.
    static readonly string[] Flags = ["lstrip", "rstrip", "single_word"];

    /// <summary>Reads the entry of an added token.</summary>
    public static AddedToken Read(JsonPart entry, int id)
    {
        foreach (var flag in Flags)
            entry[flag].Need(!entry[flag].IsTrue, $"false: token {id} would not be cut out just as it stands");
        // Hugging Face's default: the tokens that are not special.
        var isSpecial = entry["special"].OrNull?.Flag() ?? false;
        var isNormalized = entry["normalized"].OrNull?.Flag() ?? !isSpecial;
        return new AddedToken(entry.File, entry["content"].Text(), id, isNormalized);
    }
}
