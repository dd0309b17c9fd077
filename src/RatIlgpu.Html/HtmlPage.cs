using System.Text;

namespace RatIlgpu.Html;

/// <summary>A page that is one file: it loads nothing, so it opens from a disk, offline.</summary>
public sealed class HtmlPage
{
    internal HtmlPage(string html) => Html = html;

    /// <summary>Gets the whole document.</summary>
    public string Html { get; }

    /// <summary>Writes the page to a file, whole or not at all; a file that is there is replaced.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">The folder does not exist, is full, or the path is a folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Path.GetFullPath(path);
        var unfinished = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            File.WriteAllText(unfinished, Html, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(unfinished, target, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Returns the whole document.</summary>
    public override string ToString() => Html;
}
