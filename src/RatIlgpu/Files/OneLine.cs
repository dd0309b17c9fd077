using System.Globalization;
using System.Text;

namespace RatIlgpu.Files;

/// <summary>Makes text safe to print.</summary>
static class OneLine
{
    /// <summary>Returns a text as part of one line: what could break it, command a terminal or turn the order of the
    /// text shows as <c>\n</c>, <c>\t</c>, <c>\r</c> or <c>\u001B</c>.</summary>
    public static string Escape(string text)
    {
        var line = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogatePair(text, i))
                line.Append(text, i++, 2);
            else
                Append(line, text[i]);
        return line.ToString();
    }

    static void Append(StringBuilder line, char character) => _ = character switch
    {
        '\n' => line.Append(@"\n"),
        '\t' => line.Append(@"\t"),
        '\r' => line.Append(@"\r"),
        _ when IsUnsafe(character) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
        _ => line.Append(character),
    };

    // Joiners are part of words in some scripts, and of emoji; all else that formats turns or hides text.
    static bool IsUnsafe(char character) => character is not ('\u200C' or '\u200D')
        && char.GetUnicodeCategory(character) is (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
