using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace RatIlgpu.Html;

/// <summary>The scripts and styles of the pages, as text that may stand inside a page.</summary>
static partial class Asset
{
    // Either would end or swallow the element that the text stands in.
    static readonly string[] Forbidden = ["</script", "</style", "<!--"];

    /// <summary>Reads assets and joins them in the order given.</summary>
    public static string Join(params ReadOnlySpan<string> names)
    {
        var text = new StringBuilder();
        foreach (var name in names)
            text.Append(Read(name));
        return text.ToString();
    }

    /// <summary>Returns text as it may stand in a page; a parser turns CR LF into LF and so breaks a hash.</summary>
    /// <exception cref="ArgumentException">The text would leave its element.</exception>
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
        return WithoutComments(Inlinable(name, reader.ReadToEnd()));
    }

    /// <summary>Leaves out empty lines, indentation, the comments that have lines to themselves, and types; a page
    /// carries only the code, which a browser's tools indent again.</summary>
    internal static string WithoutComments(string text) => Unread.Replace(text, "");

    [GeneratedRegex(
        @"^[ \t]*(?:|//[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n|^[ \t]+|/\*\* @type \{(?:(?!\*/).)*\*/ ",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    static partial Regex Unread { get; }
}
