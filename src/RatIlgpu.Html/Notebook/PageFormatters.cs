namespace RatIlgpu.Html;

/// <summary>Makes the formatters with which a notebook shows a page.</summary>
sealed class PageFormatters
{
    public IEnumerable<object> CreateTypeFormatters() => [new PageFormatter()];
}

/// <summary>Shows a page below a cell of a notebook, in a frame of its own.</summary>
/// <remarks>In the frame neither styles nor scripts of page and notebook touch each other. The sandbox allows the page
/// its script, its downloads and its help dialog, and no access to the notebook.</remarks>
sealed class PageFormatter
{
    // In pixels. A page scrolls inside its frame.
    const int Height = 760;

    // The convention reads properties and calls methods of an instance.
    public string MimeType => "text/html";

    /// <summary>Writes the frame of a page; returns false, and writes nothing, for anything else.</summary>
    public bool Format(object instance, TextWriter writer)
    {
        if (instance is not HtmlPage page)
            return false;
        writer.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"<iframe sandbox=\"allow-scripts allow-downloads\" width=\"100%\" height=\"{Height}\" "));
        writer.Write("style=\"border: 0\" title=\"Page of RatIlgpu\" srcdoc=\"");
        // In a quoted attribute nothing else has a meaning.
        writer.Write(page.Html.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal));
        writer.Write("\"></iframe>");
        return true;
    }
}
