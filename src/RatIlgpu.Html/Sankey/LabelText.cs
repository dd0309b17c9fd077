namespace RatIlgpu.Html;

/// <summary>Shortens the text of labels, and estimates its width in any font that a reader can have.</summary>
static class LabelText
{
    // The width of a character at 13 pixels: common monospaced fonts take 7.2 to 8, and an emoji takes 16.3.
    const double Cell = 8.25;

    // The width of a digit at 11 pixels.
    const double Digit = 7.2;
    const double GapBeforeNumber = 5;

    /// <summary>Returns a text, or its start and an ellipsis if it is too long.</summary>
    public static string Clip(string text, int length)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        var end = 0;
        for (var count = 0; elements.MoveNext(); count++)
        {
            if (count == length)
                return text[..end] + '…';
            // The ellipsis replaces the last character.
            if (count == length - 1)
                end = elements.ElementIndex;
        }

        return text;
    }

    /// <summary>Returns an upper estimate of the width of a label, in pixels.</summary>
    public static double WidthOf(string text, int position) => (Cells(text) * Cell) + GapBeforeNumber
        + (position.ToString(CultureInfo.InvariantCulture).Length * Digit);

    static int Cells(string text)
    {
        var cells = 0;
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            // An accent without a letter is drawn with a placeholder.
            cells += Math.Max(1, elements.GetTextElement().EnumerateRunes().Sum(Cells));
        return cells;
    }

    // A font that lacks a joined emoji shows its parts, so each of them counts.
    static int Cells(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
        ? 0
        : IsNarrow(rune.Value) ? 1 : 2;

    // Every monospaced font has the Latin, Greek and Cyrillic letters of the languages of today. Other characters can
    // come from a wider font.
    static bool IsNarrow(int rune) =>
        rune is <= 0x17F or (>= 0x386 and <= 0x3CE) or (>= 0x400 and <= 0x45F) or (>= 0x1E00 and <= 0x1EFF) or '…';
}
