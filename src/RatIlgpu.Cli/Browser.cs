using System.ComponentModel;
using System.Diagnostics;

namespace RatIlgpu.Cli;

/// <summary>Opens a page in the user's browser.</summary>
static class Browser
{
    public static void Open(string path, TextWriter error)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Path.GetFullPath(path)) { UseShellExecute = true });
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            error.WriteLine($"ratilgpu: no browser could be started ({e.Message}); open {path} yourself.");
        }
    }
}
