namespace RatIlgpu.Cli;

/// <summary>A folder that a command writes to; files are written whole or not at all.</summary>
sealed class OutputFolder
{
    readonly string path;

    OutputFolder(string path) => this.path = path;

    /// <summary>Checks that files of these names can be written to a folder. The first file that is written makes the
    /// folder.</summary>
    /// <remarks>Only a trial shows whether a folder takes files, and it must come before the hours of a run, not
    /// after.</remarks>
    /// <exception cref="IOException">Something is in the way, or the folder cannot be written to.</exception>
    public static OutputFolder For(string path, params ReadOnlySpan<string> names)
    {
        if (File.Exists(path))
            throw new IOException($"{path}: a file, expected a folder for the output; give another with --output.");
        var folder = new OutputFolder(path);
        folder.Need(names);
        Try(path);
        return folder;
    }

    /// <summary>Checks that nothing is in the place of files that are to be written, but files that this program wrote.
    /// </summary>
    /// <exception cref="IOException">Something is.</exception>
    public void Need(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (Path.Combine(path, name) is var file && Directory.Exists(file))
                throw new IOException($"{file}: a folder, expected none of that name; give another with --output.");
            else if (File.Exists(file) && !OwnFile.IsOurs(file))
                throw new IOException(
                    $"{file}: was not written by ratilgpu and would be replaced; move it, or give another folder with "
                    + "--output.");
    }

    // Removes the folders that it makes: a run that is refused later leaves none behind.
    static void Try(string path)
    {
        var missing = new List<string>();
        for (var at = Path.GetFullPath(path); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
            missing.Add(at);
        try
        {
            Directory.CreateDirectory(path);
            var name = Path.Combine(path, $".{Path.GetRandomFileName()}.part");
            new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose)
                .Dispose();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: cannot be written to ({WholeFile.ReasonOf(fault)}); give another with --output.", fault);
        }
        finally
        {
            foreach (var made in missing.Where(made => Directory.Exists(made) && IsEmpty(made)))
                Directory.Delete(made);
        }
    }

    // Somebody else may have put a file there meanwhile.
    static bool IsEmpty(string folder) => !Directory.EnumerateFileSystemEntries(folder).Any();

    /// <summary>Writes a file in place of one of the same name.</summary>
    public string Write(string name, Action<Stream> write)
    {
        Directory.CreateDirectory(path);
        var target = Path.Combine(path, name);
        WholeFile.Write(target, write);
        return target;
    }

    /// <summary>Deletes the files of an earlier run: those whose names say so, and that were written by this
    /// program.</summary>
    public IReadOnlyList<string> Delete(Func<string, bool> isEarlier)
    {
        var files = Directory.EnumerateFiles(path)
            .Where(file => isEarlier(Path.GetFileName(file)) && OwnFile.IsOurs(file)).Order().ToArray();
        foreach (var file in files)
            File.Delete(file);
        return files;
    }
}
