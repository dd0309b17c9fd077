using System.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>What tests look at in the text of a page.</summary>
public static class PageText
{
    /// <summary>Returns the text between the first of some words and the next of others.</summary>
    public static string Between(string text, string before, string after)
    {
        Assert.Contains(before, text, StringComparison.Ordinal);
        var rest = text[(text.IndexOf(before, StringComparison.Ordinal) + before.Length)..];
        Assert.Contains(after, rest, StringComparison.Ordinal);
        return rest[..rest.IndexOf(after, StringComparison.Ordinal)];
    }

    /// <summary>Returns the bytes of a text in a file.</summary>
    public static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>Checks that a page needs nothing from outside, and that its policy allows its own script and style
    /// only.</summary>
    public static void IsAlone(string html)
    {
        var script = Between(html, "<script type=\"module\">", "</script>");
        var style = Between(html, "<style>", "</style>");
        Assert.Contains(
            $"default-src 'none'; script-src {Asset.PolicyHash(script)}; style-src {Asset.PolicyHash(style)}; ", html,
            StringComparison.Ordinal);
        var markup = html.Replace(script, "", StringComparison.Ordinal).Replace(style, "", StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\s(src|srcset|style|on[a-z]+)=", markup);
        Assert.DoesNotMatch(@"href=""(?!#)", html);
        Assert.DoesNotContain("url(", style, StringComparison.Ordinal);
    }
}
