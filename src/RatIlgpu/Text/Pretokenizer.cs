namespace RatIlgpu.Text;

/// <summary>Cuts texts into words as <see cref="Pattern"/> does; bytes merge only within a word.</summary>
/// <remarks>This code matches whole characters. .NET's regular expressions match UTF-16 units, so that their
/// <c>\p{L}</c> matches no letter outside the basic plane. Qwen Team, Qwen Technical Report, 2023.</remarks>
static class Pretokenizer
{
    /// <summary>The regular expression, as checkpoints write it; its successive matches are the words.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
        + @"\s*[\r\n]+|\s+(?!\S)|\s+";

    enum Kind
    {
        None,
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>Returns the length of a text's first word, in UTF-16 units.</summary>
    /// <param name="text">At least one character; every surrogate is half of a pair.</param>
    public static int FirstWord(ReadOnlySpan<char> text)
    {
        var contraction = Contraction(text);
        if (contraction > 0)
            return contraction;

        var first = KindAt(text, 0, out var length);
        var second = KindAt(text, length, out _);

        // [^\r\n\p{L}\p{N}]?\p{L}+
        if (first == Kind.Letter || (second == Kind.Letter && first != Kind.Number && text[0] is not ('\r' or '\n')))
            return EndOfRun(text, length, Kind.Letter);

        // \p{N}
        if (first == Kind.Number)
            return length;

        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        if (first == Kind.Other || (second == Kind.Other && text[0] == ' '))
        {
            var end = EndOfRun(text, length, Kind.Other);
            while (end < text.Length && text[end] is '\r' or '\n')
                end++;
            return end;
        }

        return Spaces(text[..EndOfRun(text, length, Kind.Space)], text.Length);
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

    // \s*[\r\n]+|\s+(?!\S)|\s+ on a run of spaces, each of one unit. The word ends after the last line end. In a run
    // without line ends it leaves the last space to the next word, unless that is the only space or ends the text.
    static int Spaces(ReadOnlySpan<char> run, int textLength)
    {
        var lineEnd = run.LastIndexOfAny('\r', '\n');
        if (lineEnd >= 0)
            return lineEnd + 1;
        return run.Length == 1 || run.Length == textLength ? run.Length : run.Length - 1;
    }

    static int EndOfRun(ReadOnlySpan<char> text, int start, Kind kind)
    {
        while (KindAt(text, start, out var length) == kind)
            start += length;
        return start;
    }

    static Kind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        length = 0;
        if (at == text.Length)
            return Kind.None;
        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
