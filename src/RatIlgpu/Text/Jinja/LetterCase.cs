namespace RatIlgpu.Text;

/// <summary>Upper and lower case as Python has them.</summary>
/// <remarks>.NET maps each letter to one letter. Letters that Unicode maps to several, or by their place in a word, are
/// refused.</remarks>
static class LetterCase
{
    /// <summary>Returns a text in upper case.</summary>
    /// <exception cref="TemplateException">A letter has several upper case letters.</exception>
    public static string Upper(TemplateRun run, string text) => Map(run, text, Rune.ToUpperInvariant);

    /// <summary>Returns a text in lower case.</summary>
    /// <exception cref="TemplateException">A letter has several lower case letters.</exception>
    public static string Lower(TemplateRun run, string text) => Map(run, text, Rune.ToLowerInvariant);

    /// <summary>Returns a text whose first letter alone is upper case.</summary>
    /// <exception cref="TemplateException">A letter has no single other case.</exception>
    public static string Capital(TemplateRun run, string text)
    {
        if (text.Length == 0)
            return text;
        var first = char.IsHighSurrogate(text[0]) ? 2 : 1;
        return Upper(run, text[..first]) + Lower(run, text[first..]);
    }

    /// <summary>Returns a text in which every letter that follows no letter is upper case, and the others lower
    /// case.</summary>
    /// <exception cref="TemplateException">A letter has no single other case.</exception>
    public static string Title(TemplateRun run, string text)
    {
        var isInside = false;
        return Map(run, text, rune =>
        {
            var mapped = isInside ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune);
            isInside = Rune.IsUpper(rune) || Rune.IsLower(rune)
                || Rune.ToUpperInvariant(rune) != Rune.ToLowerInvariant(rune);
            return mapped;
        });
    }

    static string Map(TemplateRun run, string text, Func<Rune, Rune> map)
    {
        run.Charge(text.Length);
        var mapped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (IsSpecial(rune.Value) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.ModifierLetter)
                throw run.Unknown($"the upper and lower case of '{rune}'");
            else
                mapped.Append(map(rune).ToString());
        return mapped.ToString();
    }

    // Of Unicode's SpecialCasing.txt, the letters that have a title case of their own, and those that count as small
    // letters and have no large ones.
    static bool IsSpecial(int code) => code is 0xAA or 0xBA or 0xDF or 0x130 or 0x131 or 0x149 or 0x1F0 or 0x345
        or 0x390 or 0x3A3 or 0x3B0 or 0x587 or (>= 0x1C4 and <= 0x1CC) or (>= 0x1F1 and <= 0x1F3)
        or (>= 0x10D0 and <= 0x10FF) or (>= 0x1C80 and <= 0x1CBF) or (>= 0x1E96 and <= 0x1E9E)
        or (>= 0x1F50 and <= 0x1FFC) or (>= 0xFB00 and <= 0xFB17) or (>= 0x1F130 and <= 0x1F189);
}
