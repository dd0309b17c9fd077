namespace RatIlgpu.Text;

/// <summary>What a character is to the patterns that cut texts into words.</summary>
enum CharacterKind
{
    /// <summary>The end of the text.</summary>
    None,

    /// <summary>A letter, <c>\p{L}</c>.</summary>
    Letter,

    /// <summary>A combining mark, <c>\p{M}</c>.</summary>
    Mark,

    /// <summary>A number, <c>\p{N}</c>.</summary>
    Number,

    /// <summary>White space, <c>\s</c>.</summary>
    Space,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Classifies the characters of a text.</summary>
/// <remarks>.NET's regular expressions match UTF-16 units, so that their <c>\p{L}</c> matches no letter outside the
/// basic plane. This code classifies whole characters.</remarks>
static class Characters
{
    /// <summary>Returns the kind of the character at a position.</summary>
    /// <param name="text">A text in which every surrogate is half of a pair.</param>
    /// <param name="at">The character's first unit, or the text's length.</param>
    /// <param name="length">The character's UTF-16 units; 0 at the end of the text.</param>
    public static CharacterKind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        if (at == text.Length)
        {
            length = 0;
            return CharacterKind.None;
        }

        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        if (Rune.IsWhiteSpace(rune))
            return CharacterKind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterKind.Letter,
            <= UnicodeCategory.EnclosingMark => CharacterKind.Mark,
            <= UnicodeCategory.OtherNumber => CharacterKind.Number,
            _ => CharacterKind.Other,
        };
    }

    /// <summary>Returns where a run of one kind ends.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int start, CharacterKind kind)
    {
        while (KindAt(text, start, out var length) == kind)
            start += length;
        return start;
    }

    /// <summary>Returns true if a character belongs to a word, as <c>\w</c> of Rust's regular expressions has
    /// it.</summary>
    /// <remarks>Unicode Technical Standard #18, annex C: alphabetic characters, marks, decimal digits, connectors and
    /// joiners. The symbols named here are the alphabetic ones.</remarks>
    public static bool IsWord(Rune character) => Rune.GetUnicodeCategory(character) switch
    {
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol => character.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => character.Value is 0x200C or 0x200D,
    };
}
