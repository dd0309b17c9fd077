using RatIlgpu.Files;
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

    /// <summary>Returns a token as it shows in a path; the bytes of one that is no whole character as
    /// <c>⟨E2 80⟩</c>.</summary>
    public static string Token(TokenText token) => token.IsPartial
        ? $"⟨{string.Join(' ', token.Bytes.Select(part => part.ToString("X2", CultureInfo.InvariantCulture)))}⟩"
        : NeedsQuotes(token.Text) ? $"\"{OneLine.Escape(token.Text)}\"" : OneLine.Escape(token.Text);

    static bool NeedsQuotes(string text) => text.Length == 0 || text.Contains(' ');
}
