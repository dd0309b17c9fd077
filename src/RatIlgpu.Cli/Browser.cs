using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>Opens a page in the user's browser.</summary>
static class Browser
{
    /// <summary>Opens a page that was written. Without a browser the run has still succeeded, so a line says what to
    /// do.</summary>
    public static void Open(string path, TextWriter error)
    {
        try
        {
            HtmlPage.OpenFile(path);
        }
        catch (PlatformNotSupportedException fault)
        {
            error.WriteLine($"ratilgpu: {fault.Message}");
        }
    }
}
