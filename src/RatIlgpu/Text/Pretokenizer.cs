using System.Globalization;
using System.Text;

namespace RatIlgpu.Text;

/// <summary>Cuts text into the words that byte pairs are merged in, as <see cref="Pattern"/> does.</summary>
/// <remarks>Written by hand because .NET's expressions see UTF-16 units: to them no letter outside the basic plane is
/// one. Qwen Team, Qwen Technical Report, 2023.</remarks>
static class Pretokenizer
{
    /// <summary>The expression whose leftmost matches are the words, as checkpoints write it.</summary>
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

    /// <summary>Returns how long the first word of a text is, in UTF-16 units.</summary>
    /// <param name="text">At least one character; every surrogate has its other half.</param>
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

    // (?i:'s|'t|'re|'ve|'m|'ll|'d), where the long s is an s of another case.
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

    // \s*[\r\n]+|\s+(?!\S)|\s+ on a run of spaces, each of them one unit: up to the last line end if there is one, else
    // all but the last, which goes with what follows, unless the run has nothing else or ends the text.
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
