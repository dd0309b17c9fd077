using System.Globalization;
using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>What <c>tokenizer_config.json</c> and <c>added_tokens.json</c> say; a folder may lack both.</summary>
/// <param name="Added">The added tokens.</param>
/// <param name="Class">The name of the tokenizer's class.</param>
/// <param name="EndToken">The token that ends a text.</param>
sealed record TokenizerConfig(IReadOnlyList<AddedToken> Added, JsonPart Class, JsonPart EndToken)
{
    /// <summary>Reads the files of a folder.</summary>
    /// <exception cref="InvalidDataException">A file is not as it should be.</exception>
    public static TokenizerConfig Read(string folder)
    {
        var file = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(file))
            return new TokenizerConfig(AddedBeside(folder), default, default);

        var root = JsonPart.Read(file, TokenizerFolder.LargestFile);
        foreach (var flag in new[] { "add_prefix_space", "split_special_tokens" })
            root[flag].Need(!root[flag].IsTrue, "false");
        var added = root["added_tokens_decoder"].IsMissing ? [] : AddedWithin(root["added_tokens_decoder"]);
        if (added.Length == 0)
            added = AddedBeside(folder);
        var end = root["eos_token"];
        return new TokenizerConfig(added, root["tokenizer_class"], end.IsObject ? end["content"] : end);
    }

    static AddedToken[] AddedWithin(JsonPart decoder) =>
        [.. decoder.Members().Select(member => AddedToken.Read(member.Value, Id(member.Name, decoder)))];

    static AddedToken[] AddedBeside(string folder)
    {
        var file = Path.Combine(folder, "added_tokens.json");
        if (!File.Exists(file))
            return [];
        return [.. JsonPart.Read(file, TokenizerFolder.LargestFile).Members()
            .Select(member => new AddedToken(file, member.Name, member.Value.Whole(0, VocabularyBuilder.LargestId)))];
    }

    static int Id(string name, JsonPart decoder)
    {
        var isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        return isNumber && id <= VocabularyBuilder.LargestId
            ? id
            : throw Refusal.Of(
                decoder.File,
                $"{decoder.Name} has {Refusal.Quote(name)}, not an id from 0 to {VocabularyBuilder.LargestId:N0}.");
    }
}
