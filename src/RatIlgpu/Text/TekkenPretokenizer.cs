namespace RatIlgpu.Text;

/// <summary>Cuts words as Mistral's Tekken does: a run of capital letters, then one of small letters; letters without
/// case and marks belong to both.</summary>
/// <remarks>Mistral AI, Mistral NeMo, 2024.</remarks>
sealed class TekkenPretokenizer : Pretokenizer
{
    [Flags]
    enum Case
    {
        None = 0,
        Capital = 1,
        Small = 2,
        Both = Capital | Small,
    }

    /// <inheritdoc/>
    public override int FirstWord(ReadOnlySpan<char> text)
    {
        var first = Characters.KindAt(text, 0, out var length);

        // [^\r\n\p{L}\p{N}]? before the letters; the pattern first tries with such a character, then without.
        var takesFirst = first is not (CharacterKind.Letter or CharacterKind.Number) && text[0] is not ('\r' or '\n');
        var word = takesFirst ? EndingSmall(text, length) : 0;
        word = word > 0 ? word : EndingSmall(text, 0);
        word = word > 0 || !takesFirst ? word : StartingCapital(text, length);
        word = word > 0 ? word : StartingCapital(text, 0);
        if (word > 0)
            return word;

        // \p{N}
        if (first == CharacterKind.Number)
            return length;

        //  ?[^\s\p{L}\p{N}]+[\r\n/]*
        var start = text[0] == ' ' ? 1 : 0;
        var end = start;
        while (Characters.KindAt(text, end, out length) is CharacterKind.Other or CharacterKind.Mark)
            end += length;
        if (end == start)
            return SpacesWithLineEnds(text);
        while (end < text.Length && text[end] is '\r' or '\n' or '/')
            end++;
        return end;
    }

    // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+, or 0 if it does not match at the start. Where no
    // small letter follows the capitals, the match ends with the last of them that is small too.
    static int EndingSmall(ReadOnlySpan<char> text, int start)
    {
        var (at, last) = (start, 0);
        Case found;
        int length;
        while ((found = CaseAt(text, at, out length)).HasFlag(Case.Capital))
        {
            at += length;
            if (found == Case.Both)
                last = at;
        }

        return found == Case.Small ? EndOfSmall(text, at) : last;
    }

    // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*, or 0 if it does not match at the start.
    static int StartingCapital(ReadOnlySpan<char> text, int start)
    {
        var at = start;
        while (CaseAt(text, at, out var length).HasFlag(Case.Capital))
            at += length;
        return at == start ? 0 : EndOfSmall(text, at);
    }

    static int EndOfSmall(ReadOnlySpan<char> text, int at)
    {
        while (CaseAt(text, at, out var length).HasFlag(Case.Small))
            at += length;
        return at;
    }

    static Case CaseAt(ReadOnlySpan<char> text, int at, out int length)
    {
        length = 0;
        if (at == text.Length)
            return Case.None;
        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Case.Capital,
            UnicodeCategory.LowercaseLetter => Case.Small,
            <= UnicodeCategory.EnclosingMark => Case.Both,
            _ => Case.None,
        };
    }
}
