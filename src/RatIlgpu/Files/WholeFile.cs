namespace RatIlgpu.Files;

/// <summary>Writes a file whole or not at all.</summary>
/// <remarks>Support code for the project's own packages. The bytes go to a file of another name in the same folder,
/// which replaces the file once it is complete. A device, such as <c>/dev/null</c> or <c>/dev/stdout</c>, is written
/// to.</remarks>
public static class WholeFile
{
    /// <summary>Writes a text as UTF-8.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="text">The text.</param>
    public static void Write(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="write">Writes what the file holds.</param>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        if (IsDevice(full))
        {
            WriteDevice(path, full, write);
            return;
        }

        if (IsPipe(full))
            throw new IOException($"{path}: is a pipe, expected the name of a file to write.");
        var target = TargetOf(path);
        var folder = Path.GetDirectoryName(target);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path}: there is no such folder to write to.");
        if (Directory.Exists(target))
            throw new IOException($"{path}: is a folder, expected the name of a file to write.");
        var unfinished = Path.Combine(folder, $".{Path.GetRandomFileName()}.part");
        Replace(path, target, unfinished, write);
    }

    static void Replace(string path, string target, string unfinished, Action<Stream> write)
    {
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            // The new file keeps the old file's permissions.
            if (!OperatingSystem.IsWindows() && File.Exists(target))
                File.SetUnixFileMode(unfinished, File.GetUnixFileMode(target));
            File.Move(unfinished, target, overwrite: true);
        }
        catch (Exception fault)
        {
            File.Delete(unfinished);
            // The error names the requested file, not the temporary one.
            if (!fault.Message.Contains(unfinished, StringComparison.Ordinal))
                throw;
            var message = $"{path}: cannot be written: {ReasonOf(fault)}.";
            throw fault is UnauthorizedAccessException
                ? new UnauthorizedAccessException(message, fault)
                : new IOException(message, fault);
        }
    }

    /// <summary>Tells whether a path names a device of the system, which is never replaced by a file: what lies in
    /// <c>/dev</c> itself, an open file of a process or a terminal.</summary>
    /// <param name="path">The path.</param>
    /// <remarks>Below <c>/dev</c> lie ordinary folders too, such as <c>/dev/shm</c>.</remarks>
    public static bool IsDevice(string path)
    {
        if (OperatingSystem.IsWindows())
            return false;
        var full = Path.GetFullPath(path);
        return Path.GetDirectoryName(full) == "/dev"
            || new[] { "/dev/fd/", "/dev/pts/", "/proc/" }.Any(start =>
                full.StartsWith(start, StringComparison.Ordinal));
    }

    /// <summary>Tells whether a path names a pipe, which is neither replaced nor written to: to look at it ends the
    /// waiting of its reader.</summary>
    /// <param name="path">The path.</param>
    public static bool IsPipe(string path)
    {
        // A pipe has no length and no places to seek; opened for both directions it does not wait for its other end.
        var full = Path.GetFullPath(path);
        if (IsDevice(full) || new FileInfo(full) is not { Exists: true, Length: 0 })
            return false;
        try
        {
            using var file = new FileStream(full, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return !file.CanSeek;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Returns the full path of the file that is written: a symbolic link is kept, and its target replaced.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The links lead back to themselves.</exception>
    public static string TargetOf(string path)
    {
        // Of a link that is named without its folder, .NET would look for the target in the root.
        var full = Path.GetFullPath(path);
        try
        {
            return new FileInfo(full).LinkTarget is null
                ? full
                : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        }
        catch (IOException fault)
        {
            throw new IOException(
                $"{path}: is a link that leads back to itself, expected the name of a file to write.", fault);
        }
    }

    static void WriteDevice(string path, string full, Action<Stream> write)
    {
        try
        {
            using var stream = new FileStream(
                full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            write(stream);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"{path}: cannot be written: {ReasonOf(fault)}.", fault);
        }
    }

    /// <summary>Returns the system's reason for a failure, without its path.</summary>
    public static string ReasonOf(Exception fault) => fault switch
    {
        UnauthorizedAccessException => "access is denied",
        DirectoryNotFoundException => "there is no such folder, and none can be made",
        FileNotFoundException => "the folder takes no files",
        _ when fault.Message.IndexOf(" : '", StringComparison.Ordinal) is > 0 and var end => fault.Message[..end],
        _ => fault.Message.TrimEnd('.'),
    };
}
