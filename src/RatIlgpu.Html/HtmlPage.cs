using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>A page that is one file: it loads nothing, so it opens from a disk, offline.</summary>
public sealed class HtmlPage
{
    internal HtmlPage(string html) => Html = html;

    /// <summary>Gets the whole document.</summary>
    public string Html { get; }

    /// <summary>Writes the page to a file, whole or not at all; a file that is there is replaced.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="IOException">The path is a folder, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        WholeFile.Write(path, Html);
    }

    /// <summary>Returns the whole document.</summary>
    public override string ToString() => Html;
}

/// <summary>How bright a page is, until its reader chooses.</summary>
public enum Theme
{
    /// <summary>What the reader's system prefers.</summary>
    Auto,

    /// <summary>Dark ink on a light ground.</summary>
    Light,

    /// <summary>Light ink on a dark ground.</summary>
    Dark,
}
