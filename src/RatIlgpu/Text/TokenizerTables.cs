using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>What a byte-level tokenizer looks up.</summary>
/// <param name="Vocabulary">The bytes of each token, added ones included.</param>
/// <param name="Bytes">The token of each byte, 256 of them.</param>
/// <param name="Merges">The pairs that merge.</param>
/// <param name="Specials">The ids of the tokens that are cut out whole, by their texts.</param>
/// <param name="Composes">Whether texts are brought to form C.</param>
/// <param name="EosTokenId">The token that ends a text; null for none.</param>
sealed record TokenizerTables(
    Vocabulary Vocabulary,
    int[] Bytes,
    MergeTable Merges,
    IReadOnlyDictionary<string, int> Specials,
    bool Composes,
    int? EosTokenId)
{
    /// <summary>Reads the files of a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is not as it should be.</exception>
    public static TokenizerTables Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder, expected one with a tokenizer.");
        var config = TokenizerConfig.Read(folder);
        var (vocabulary, merges, added, composes) = TokenizerFolder.Read(folder, config);
        var bytes = vocabulary.Bytes();
        var specials = AddSpecials(vocabulary, added, composes);
        return new TokenizerTables(
            vocabulary.Build(), bytes, merges, specials, composes, EndToken(config.EndToken, specials));
    }

    static Dictionary<string, int> AddSpecials(
        VocabularyBuilder vocabulary, IReadOnlyList<AddedToken> added, bool composes)
    {
        var specials = new Dictionary<string, int>();
        foreach (var token in added)
        {
            vocabulary.AddSpecial(token);
            if (composes && NormalizedText.FormC(token.Content) != token.Content)
                throw Refusal.Of(
                    token.File, $"the added token {Refusal.Quote(token.Content)} is not in form C, as texts are.");
            specials[token.Content] = token.Id;
        }

        return specials;
    }

    static int? EndToken(JsonPart named, Dictionary<string, int> specials)
    {
        int? end = specials.TryGetValue(named.IsMissing ? TokenizerFolder.EndOfText : named.Text(), out var id)
            ? id
            : null;
        named.Need(named.IsMissing || end.HasValue, "one of the added tokens");
        return end;
    }
}
