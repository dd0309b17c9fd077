namespace RatIlgpu.Cli;

/// <summary>A folder that a command writes to; files are written whole or not at all.</summary>
sealed class OutputFolder
{
    // Of one folder; each process that starts beside this one may remove it once.
    const int MostTries = 100;

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
            else if (File.Exists(file) && !OwnFile.IsOurs(file) && File.Exists(file))
                throw new IOException(
                    $"{file}: was not written by ratilgpu and would be replaced; move it, or give another folder with "
                    + "--output.");
    }

    // Removes the folders that it makes: a run that is refused later leaves none behind.
    static void Try(string path)
    {
        var missing = new HashSet<string>();
        try
        {
            InFolder(path, WriteTrial, () => missing.UnionWith(MissingOf(path)));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: cannot be written to ({WholeFile.ReasonOf(fault)}); give another with --output.", fault);
        }
        finally
        {
            foreach (var made in missing.OrderByDescending(folder => folder.Length))
                RemoveEmpty(made);
        }

        void WriteTrial() => new FileStream(
            Path.Combine(path, $".{Path.GetRandomFileName()}.part"), FileMode.CreateNew, FileAccess.Write,
            FileShare.None, 0, FileOptions.DeleteOnClose).Dispose();
    }

    static IEnumerable<string> MissingOf(string path)
    {
        for (var at = Path.GetFullPath(path); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
            yield return at;
    }

    // Another process that writes to the folder may have put a file there, or removed it.
    static void RemoveEmpty(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }
    }

    // Another process that tries the new folder may remove it while it is made, or just before the first file is there.
    static void InFolder(string path, Action make, Action? before = null)
    {
        for (var left = MostTries; ; left--)
        {
            var isMade = false;
            try
            {
                before?.Invoke();
                Directory.CreateDirectory(path);
                isMade = true;
                make();
                return;
            }
            catch (IOException fault) when (left > 1 && (!isMade || IsGone(fault) || IsGone(fault.InnerException)))
            {
            }
        }
    }

    static bool IsGone(Exception? fault) => fault is DirectoryNotFoundException or FileNotFoundException;

    /// <summary>Writes a file in place of one of the same name.</summary>
    public string Write(string name, Action<Stream> write)
    {
        var target = Path.Combine(path, name);
        InFolder(path, () => WholeFile.Write(target, write));
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
