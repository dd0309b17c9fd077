namespace RatIlgpu.Text;

/// <summary>Cuts words as Qwen2, Qwen3.5 and Llama 3 do.</summary>
/// <param name="mostDigits">The most digits of a word.</param>
/// <param name="marksAreLetters">True if a combining mark is like a letter, false if it is like punctuation.</param>
/// <remarks>Qwen Team, Qwen Technical Report, 2023.</remarks>
sealed class QwenPretokenizer(int mostDigits, bool marksAreLetters) : Pretokenizer
{
    readonly CharacterKind mark = marksAreLetters ? CharacterKind.Letter : CharacterKind.Other;

    /// <inheritdoc/>
    public override int FirstWord(ReadOnlySpan<char> text)
    {
        var contraction = Contraction(text);
        if (contraction > 0)
            return contraction;

        var first = KindAt(text, 0, out var length);
        var second = KindAt(text, length, out _);

        // [^\r\n\p{L}\p{N}]?\p{L}+
        if (first == CharacterKind.Letter
            || (second == CharacterKind.Letter && first != CharacterKind.Number && text[0] is not ('\r' or '\n')))
            return EndOfRun(text, length, CharacterKind.Letter);

        // \p{N} or \p{N}{1,3}
        if (first == CharacterKind.Number)
            return EndOfNumber(text, length);

        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        if (first == CharacterKind.Other || (second == CharacterKind.Other && text[0] == ' '))
        {
            var end = EndOfRun(text, length, CharacterKind.Other);
            while (end < text.Length && text[end] is '\r' or '\n')
                end++;
            return end;
        }

        return SpacesWithLineEnds(text);
    }

    // (?i:'s|'t|'re|'ve|'m|'ll|'d); the long s counts as a case of s.
    static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
            return 0;
        if (text[1] is 's' or 'S' or 'ſ' or 't' or 'T' or 'm' or 'M' or 'd' or 'D')
            return 2;
        if (text.Length < 3)
            return 0;
        return (text[1], text[2]) is ('r' or 'R' or 'v' or 'V', 'e' or 'E') or ('l' or 'L', 'l' or 'L') ? 3 : 0;
    }

    int EndOfNumber(ReadOnlySpan<char> text, int end)
    {
        for (var count = 1; count < mostDigits && KindAt(text, end, out var next) == CharacterKind.Number; count++)
            end += next;
        return end;
    }

    int EndOfRun(ReadOnlySpan<char> text, int start, CharacterKind kind)
    {
        while (KindAt(text, start, out var length) == kind)
            start += length;
        return start;
    }

    CharacterKind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        var kind = Characters.KindAt(text, at, out length);
        return kind == CharacterKind.Mark ? mark : kind;
    }
}
