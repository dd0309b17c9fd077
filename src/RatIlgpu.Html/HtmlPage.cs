using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>An HTML page in one file. The page loads nothing, so it opens from a disk without a network.</summary>
[TypeFormatterSource(typeof(PageFormatters), PreferredMimeTypes = ["text/html"])]
public sealed partial class HtmlPage
{
    readonly ImmutableArray<string> parts;

    /// <summary>Makes a page of parts that follow each other; a page with much data is never in one piece.</summary>
    internal HtmlPage(params ReadOnlySpan<string> parts) => this.parts = [.. parts];

    /// <summary>Gets the whole document.</summary>
    public string Html => string.Concat(parts.AsSpan());

    /// <summary>Gets the length of the document as UTF-8, in bytes.</summary>
    public long ByteCount => parts.Sum(part => (long)Encoding.UTF8.GetByteCount(part));

    /// <summary>Writes the page to a file, whole or not at all. A file of that name is replaced.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        WholeFile.Write(path, Write);
    }

    /// <summary>Writes the page to a stream, as UTF-8.</summary>
    /// <param name="destination">The stream, which stays open.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Write(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        foreach (var part in parts)
            destination.Write(Encoding.UTF8.GetBytes(part));
    }

    /// <summary>Returns the whole document.</summary>
    public override string ToString() => Html;
}

/// <summary>The colour scheme of a page until its reader chooses another.</summary>
public enum PageTheme
{
    /// <summary>The scheme that the reader's system prefers.</summary>
    Auto,

    /// <summary>Dark ink on a light ground.</summary>
    Light,

    /// <summary>Light ink on a dark ground.</summary>
    Dark,
}
