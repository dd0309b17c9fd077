using System.Globalization;
using System.Text;

namespace RatIlgpu.Html;

/// <summary>Shortens the text of labels, and tells how wide it is in whatever font a reader has.</summary>
static class LabelText
{
    // Of a monospaced font of 13 pixels: those in use take 7.2 to 8, and an emoji takes 16.3.
    const double Cell = 8.25;

    // Of a font for text of 11 pixels.
    const double Digit = 7.2;
    const double GapBeforeNumber = 5;

    /// <summary>Returns the start of a text, with an ellipsis where something is left out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">How many characters are shown at most, as a reader counts them.</param>
    public static string Clip(string text, int length)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        var end = 0;
        for (var count = 0; elements.MoveNext(); count++)
        {
            if (count == length)
                return text[..end] + '…';
            // The ellipsis takes the place of the last one.
            if (count == length - 1)
                end = elements.ElementIndex;
        }

        return text;
    }

    /// <summary>Returns the room of a label, in pixels: rather too wide than too narrow.</summary>
    public static double WidthOf(string text, int position) => (Cells(text) * Cell) + GapBeforeNumber
        + (position.ToString(CultureInfo.InvariantCulture).Length * Digit);

    static int Cells(string text)
    {
        var cells = 0;
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            // An accent without a letter is drawn beside a placeholder.
            cells += Math.Max(1, elements.GetTextElement().EnumerateRunes().Sum(Cells));
        return cells;
    }

    // A font that lacks a joined emoji shows its parts, so each of them counts.
    static int Cells(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
        ? 0
        : IsNarrow(rune.Value) ? 1 : 2;

    // What every monospaced font has: Latin, Greek and Cyrillic as languages of today write them. The rest may come
    // from any font.
    static bool IsNarrow(int rune) =>
        rune is <= 0x17F or (>= 0x386 and <= 0x3CE) or (>= 0x400 and <= 0x45F) or (>= 0x1E00 and <= 0x1EFF) or '…';
}
