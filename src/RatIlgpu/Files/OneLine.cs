namespace RatIlgpu.Files;

/// <summary>Makes text of unknown origin safe to print within one line.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class OneLine
{
    // A damaged file can hold a name of megabytes; an error stays one readable line.
    const int MostShown = 160;

    /// <summary>Returns a text with every character that could break the line, command a terminal or reorder the text
    /// replaced by <c>\n</c>, <c>\t</c>, <c>\r</c> or its code, such as <c>\u001B</c> or <c>\U000E0041</c>.</summary>
    /// <param name="text">Any text.</param>
    public static string Escape(string text)
    {
        var line = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogatePair(text, i))
                AppendPair(line, text, i++);
            else
                Append(line, text[i]);
        return line.ToString();
    }

    /// <summary>Returns the first 160 characters of a text, escaped; an ellipsis stands for the rest.</summary>
    /// <param name="text">Any text.</param>
    public static string Shorten(string text) =>
        text.Length <= MostShown ? Escape(text) : Escape(text[..MostShown]) + "…";

    /// <summary>Returns a shortened, escaped text in single quotes.</summary>
    /// <param name="text">Any text.</param>
    public static string Quote(string text) => $"'{Shorten(text)}'";

    static void AppendPair(StringBuilder line, string text, int at) => _ =
        CharUnicodeInfo.GetUnicodeCategory(text, at) == UnicodeCategory.Format
            ? line.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(text, at):X8}")
            : line.Append(text, at, 2);

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
