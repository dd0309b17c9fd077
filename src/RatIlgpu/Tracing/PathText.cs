using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>Writes a path as a line of text.</summary>
public static class PathText
{
    /// <summary>Returns the tokens of a path, earliest first, and its score: <c>When -> " Mary" (score: -0.6809)</c>.
    /// </summary>
    /// <remarks>A token that is empty or contains a space is put in double quotes. Newline, tab and carriage return
    /// show as <c>\n</c>, <c>\t</c> and <c>\r</c>. Whatever else could break the line, command a terminal or turn the
    /// order of the text (control characters, line and paragraph separators, overrides of direction, halves of
    /// surrogate pairs) shows as <c>\u001B</c>. All else stands as it is, double quotes and backslashes too: the line
    /// is for reading. </remarks>
    /// <param name="path">The path.</param>
    /// <param name="tokens">The tokens of the prompt, by position.</param>
    public static string Format(BeamPath path, ImmutableArray<TokenText> tokens)
    {
        var shown = path.Positions.Reverse().Select(position => Token(tokens[position]));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(" -> ", shown)} (score: {path.Score:F4})");
    }

    /// <summary>Returns a token as it shows in a path.</summary>
    public static string Token(TokenText token) =>
        token.Text.Length == 0 || token.Text.Contains(' ') ? $"\"{Escape(token.Text)}\"" : Escape(token.Text);

    /// <summary>Returns a text as part of one line that is safe to print.</summary>
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

    static bool IsUnsafe(char character) => char.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate
        || character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
