using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace RatIlgpu.Html;

/// <summary>Reads the embedded scripts and styles, as text that can be placed inside a page.</summary>
static partial class Asset
{
    // Each of them would end the element around the text, or hide what follows.
    static readonly string[] Forbidden = ["</script", "</style", "<!--"];

    /// <summary>Reads assets and joins them in the order given.</summary>
    public static string Join(params ReadOnlySpan<string> names)
    {
        var text = new StringBuilder();
        foreach (var name in names)
            text.Append(Read(name));
        return text.ToString();
    }

    /// <summary>Returns text with LF at its line ends: a parser turns CR LF into LF, and a hash of the original text
    /// would not match.</summary>
    public static string Inlinable(string name, string text)
    {
        foreach (var mark in Forbidden)
            if (text.Contains(mark, StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException($"{name}: contains '{mark}', which leaves its element; write it apart.");
        return text.ReplaceLineEndings("\n");
    }

    /// <summary>Returns the source expression with which a content security policy allows exactly this text.</summary>
    public static string PolicyHash(string text) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    static string Read(string name)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"{name}: no such asset in RatIlgpu.Html.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = WithoutComments(Inlinable(name, reader.ReadToEnd()));
        return name.EndsWith(".css", StringComparison.Ordinal) ? Dense(text) : DenseScript.Of(text);
    }

    /// <summary>Removes empty lines, indentation, comments on lines of their own, and JSDoc types; a page carries only
    /// the code, and the browser's tools indent it again.</summary>
    internal static string WithoutComments(string text) => Unread.Replace(text, "");

    /// <summary>Removes the blanks of a style beside braces, semicolons and commas and after colons; each rule keeps
    /// a line.</summary>
    internal static string Dense(string css) => Blanks.Replace(css, "$1$2")
        .Replace(";}", "}", StringComparison.Ordinal).Replace("}", "}\n", StringComparison.Ordinal);

    [GeneratedRegex(@"\s*([{};,])\s*|(:)\s+")]
    private static partial Regex Blanks { get; }

    [GeneratedRegex(
        @"^[ \t]*(?:|//[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n|^[ \t]+|/\*\* @type \{(?:(?!\*/).)*\*/ ",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    static partial Regex Unread { get; }
}
