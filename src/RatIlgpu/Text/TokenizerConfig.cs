using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>The contents of <c>tokenizer_config.json</c> and of the files that older folders have beside it; a folder
/// may lack all.</summary>
/// <param name="added">The added tokens.</param>
/// <param name="root">The main file.</param>
/// <param name="map">special_tokens_map.json, which comes before the main file; missing where that lists the added
/// tokens, as in Hugging Face.</param>
sealed class TokenizerConfig(IReadOnlyList<AddedToken> added, JsonPart root, JsonPart map)
{
    // The classes that put tokens around prompts as tokenizer_config.json says, whatever tokenizer.json does, with the
    // tokens that they take where the file names none.
    static readonly Dictionary<string, (string Bos, string Eos)> OwnTemplates = new()
    {
        ["LlamaTokenizer"] = ("<s>", "</s>"),
        ["CodeLlamaTokenizer"] = ("<s>", "</s>"),
        ["GemmaTokenizer"] = ("<bos>", "<eos>"),
        ["CohereTokenizer"] = ("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
    };

    /// <summary>The name of the list of further special tokens.</summary>
    public const string AdditionalTokens = "additional_special_tokens";

    /// <summary>The name of further special tokens, each with a name of its own.</summary>
    public const string ExtraTokens = "extra_special_tokens";

    /// <summary>The names of the special tokens that every folder may have.</summary>
    public static readonly ImmutableArray<string> Names =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Gets the added tokens.</summary>
    public IReadOnlyList<AddedToken> Added => added;

    /// <summary>Gets the class of Hugging Face's that reads the folder.</summary>
    public JsonPart Class => Member("tokenizer_class");

    /// <summary>Gets the name of the class, which is one for the slow and the fast tokenizer; null for none.</summary>
    public string? ClassName => !Class.IsText ? null
        : Class.Text() is var name && name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^"Fast".Length]
        : name;

    /// <summary>Gets the text of the token that ends a text.</summary>
    public JsonPart EndToken => Content(Named("eos_token"));

    /// <summary>Gets whether the text of a special token does not count as that token.</summary>
    public bool SplitsSpecialTokens => Member("split_special_tokens").IsTrue;

    /// <summary>Gets the tokens that the folder names as special, with an id of 0.</summary>
    public IEnumerable<AddedToken> SpecialTokens => Names.Select(Named)
        .Concat(Items(Named(AdditionalTokens))).Concat(Items(Named(ExtraTokens)))
        .Where(named => !named.IsMissing)
        .Select(named => named.IsObject
            ? AddedToken.Read(named, 0) with { IsSpecial = true }
            : new AddedToken(named.File, named.Text(), 0) { IsSpecial = true });

    /// <summary>Reads the files of a folder.</summary>
    public static TokenizerConfig Read(string folder)
    {
        var root = Optional(folder, ChatTemplateFolder.Config);
        if (root.IsMissing || root["added_tokens_decoder"] is not { IsMissing: false } decoder)
            return new(AddedBeside(folder), root, Optional(folder, "special_tokens_map.json"));
        return new(
            [.. decoder.Members().Select(token => AddedToken.Read(token.Value, Id(token.Name, decoder)))],
            root,
            map: default);
    }

    /// <summary>Throws unless texts get no space before them.</summary>
    public void NeedNoPrefixSpace() => Member("add_prefix_space").Need(!Member("add_prefix_space").IsTrue, "false");

    /// <summary>Returns the tokens around a prompt where the class says so; null where <c>tokenizer.json</c>
    /// does.</summary>
    /// <param name="idOf">Returns the id of a token by its text.</param>
    /// <remarks>LlamaTokenizerFast.update_post_processor of the repository huggingface/transformers, version
    /// 4.</remarks>
    public PromptTemplate? OwnTemplate(Func<string, int?> idOf)
    {
        if (ClassName is not { } known || !OwnTemplates.TryGetValue(known, out var tokens))
            return null;
        return new(
            Around("add_bos_token", true, "bos_token", tokens.Bos),
            Around("add_eos_token", false, "eos_token", tokens.Eos));

        ImmutableArray<int> Around(string flag, bool absent, string name, string usual)
        {
            var (asked, named) = (Member(flag), Named(name));
            if (!(asked.IsAbsent ? absent : asked.OrNull?.Flag() ?? false) || named.IsNull)
                return [];
            var content = named.IsAbsent ? usual : TextOf(named);
            return idOf(content) is { } id ? [id] : throw Refusal.Of(
                root.File, $"{flag} asks for the token {Refusal.Quote(content)}, which the vocabulary does not have.");
        }
    }

    /// <summary>Returns the entry of a special token or of a list of them; null entries count.</summary>
    public JsonPart Named(string name) =>
        !map.IsMissing && map[name] is { IsAbsent: false } mapped ? mapped : Member(name);

    /// <summary>Returns the text of a token: the entry itself, or the content in it beside how the token is cut out of
    /// texts.</summary>
    public static string TextOf(JsonPart named) => Content(named).Text();

    static IEnumerable<JsonPart> Items(JsonPart listed) => listed.IsMissing ? []
        : listed.IsObject ? listed.Members().Select(member => member.Value)
        : listed.Items();

    JsonPart Member(string name) => root.IsMissing ? default : root[name];

    static JsonPart Content(JsonPart named) => named.IsObject ? named["content"] : named;

    static JsonPart Optional(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        return File.Exists(file) ? JsonPart.Read(file, TokenizerFolder.LargestFile) : default;
    }

    static List<AddedToken> AddedBeside(string folder)
    {
        var beside = Optional(folder, "added_tokens.json");
        return beside.IsMissing ? [] :
        [
            .. beside.Members().Select(token =>
                new AddedToken(beside.File, token.Name, token.Value.Whole(0, Vocabulary.LargestId))),
        ];
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
