using System.ComponentModel;
using System.Diagnostics;

namespace RatIlgpu.Html;

/// <content>Opens pages in the browser.</content>
public sealed partial class HtmlPage
{
    const string FolderPrefix = "ratilgpu-";

    /// <summary>Saves the page in a new temporary folder, which only the user can read, and opens the page in the
    /// user's browser.</summary>
    /// <returns>The path of the file; it stays until the system or the user deletes it.</returns>
    /// <exception cref="IOException">The folder or the file cannot be written.</exception>
    /// <exception cref="PlatformNotSupportedException">No browser can be started; the file stays, and the message names
    /// it.</exception>
    public string OpenInBrowser()
    {
        var path = SaveForUser();
        OpenFile(path);
        return path;
    }

    /// <summary>Saves the page to a file, and opens it in the user's browser.</summary>
    /// <param name="path">The file; its folder must exist. A file of that name is replaced.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    /// <exception cref="PlatformNotSupportedException">No browser can be started; the file stays.</exception>
    public void OpenInBrowser(string path)
    {
        Save(path);
        OpenFile(path);
    }

    /// <summary>Opens a page that was saved in the user's browser.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="PlatformNotSupportedException">No browser can be started.</exception>
    public static void OpenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        OpenFile(path, Start);
    }

    /// <summary>Opens a file by a function that starts the system's program for it.</summary>
    internal static void OpenFile(string path, Action<string> start)
    {
        try
        {
            start(Path.GetFullPath(path));
        }
        catch (Exception fault) when (fault is Win32Exception or InvalidOperationException
            or PlatformNotSupportedException)
        {
            throw new PlatformNotSupportedException(
                $"no browser could be started ({fault.Message.TrimEnd('.')}); open {path} yourself.", fault);
        }
    }

    internal string SaveForUser()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory(FolderPrefix).FullName, "page.html");
        Save(path);
        return path;
    }

    static void Start(string path)
    {
        using var process = Process.Start(new ProcessStartInfo(path) { UseShellExecute = true });
    }
}
