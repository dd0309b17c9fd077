namespace RatIlgpu.Cli.Analysis;

/// <summary>Reads a token that was given as text, or by its number.</summary>
static class TokenArgument
{
    /// <summary>Returns the token that a text spells, or that <c>#</c> and a number name.</summary>
    /// <exception cref="ArgumentException">The text is not one token, or the model does not have it.</exception>
    public static int Read(string text, string option, LanguageModel model)
    {
        if (IsNumber(text))
            return int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id < model.Config.VocabularySize
                ? id
                : throw new ArgumentException(
                    $"{option} is {text}, expected #0 to #{model.Config.VocabularySize - 1}, the model's vocabulary.");
        var ids = model.Tokenizer.Encode(text).Ids;
        return ids.Length == 1 ? ids[0] : throw Several(text, option, ids, model.Tokenizer);
    }

    /// <summary>Returns the tokens of a list: text that is one token as a whole, or parts with commas between that
    /// are.</summary>
    /// <exception cref="ArgumentException">A part is not one token, or the model does not have it.</exception>
    public static IEnumerable<int> ReadList(string text, string option, LanguageModel model) =>
        !text.Split(',').All(IsNumber) && model.Tokenizer.Encode(text).Ids.Length == 1
            ? [Read(text, option, model)]
            : text.Split(',').Select(part => Read(part, option, model)).Distinct();

    /// <summary>Returns the token of the other spelling of a word, with or without a space before it; null if that is
    /// not one token.</summary>
    /// <remarks>In the vocabulary, a word inside a text starts with a space.</remarks>
    public static int? OtherSpelling(string text, Tokenizer tokenizer) =>
        tokenizer.Encode(Other(text)).Ids is [var id] ? id : null;

    /// <summary>Returns a token as a report shows it: its text and its number.</summary>
    public static string Show(int id, LanguageModel model) =>
        string.Create(CultureInfo.InvariantCulture, $"{TokenLabel.Of(model.Tokenizer.Token(id))} (#{id})");

    static bool IsNumber(string text) =>
        text is ['#', .. var number] && number.Length > 0 && number.All(char.IsAsciiDigit);

    static string Other(string text) => text.StartsWith(' ') ? text[1..] : " " + text;

    static ArgumentException Several(string text, string option, IReadOnlyList<int> ids, Tokenizer tokenizer)
    {
        if (ids.Count == 0)
            return new($"{option} is empty, expected text that is one token, or #id.");
        var parts = string.Join(' ', ids.Take(8).Select(id =>
            string.Create(CultureInfo.InvariantCulture, $"{TokenLabel.Of(tokenizer.Token(id))} (#{id})")));
        var rest = ids.Count > 8 ? " …" : "";
        var cure = OtherSpelling(text, tokenizer) is not null
            ? $"\"{OneLine.Escape(Other(text))}\" is one"
            : "give one of them, as text or as #id";
        return new($"{option} is {ids.Count} tokens, expected one: {parts}{rest}; {cure}.");
    }
}
