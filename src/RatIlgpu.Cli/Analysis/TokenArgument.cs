namespace RatIlgpu.Cli.Analysis;

/// <summary>Reads a token that was given as text, or by its number.</summary>
static class TokenArgument
{
    /// <summary>Returns the token that a text spells, or that <c>#</c> and a number name.</summary>
    public static int Read(string text, string option, LanguageModel model)
    {
        if (text is ['#', .. var number] && number.Length > 0 && number.All(char.IsAsciiDigit))
            return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id < model.Config.VocabularySize
                ? id
                : throw new UsageException(
                    $"{option} is {text}, expected #0 to #{model.Config.VocabularySize - 1}, the model's vocabulary.");
        var ids = model.Tokenizer.Encode(text).Ids;
        return ids.Length == 1 ? ids[0] : throw Several(text, option, ids, model.Tokenizer);
    }

    /// <summary>Returns a token as a report shows it: its text and its number.</summary>
    public static string Show(int id, LanguageModel model) =>
        string.Create(CultureInfo.InvariantCulture, $"{PathText.Token(model.Tokenizer.Token(id))} (#{id})");

    static UsageException Several(string text, string option, IReadOnlyList<int> ids, Tokenizer tokenizer)
    {
        if (ids.Count == 0)
            return new($"{option} is empty, expected text that is one token, or #id.");
        var parts = string.Join(' ', ids.Take(8).Select(id =>
            string.Create(CultureInfo.InvariantCulture, $"{PathText.Token(tokenizer.Token(id))} (#{id})")));
        var rest = ids.Count > 8 ? " …" : "";
        // In the vocabulary, a word inside a text starts with a space.
        var other = text.StartsWith(' ') ? text[1..] : " " + text;
        var cure = tokenizer.Encode(other).Ids is [_]
            ? $"\"{OneLine.Escape(other)}\" is one"
            : "give one of them, as text or as #id";
        return new($"{option} is {ids.Count} tokens, expected one: {parts}{rest}; {cure}.");
    }
}
