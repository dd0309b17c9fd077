using RatIlgpu.Files;

namespace RatIlgpu.Cli.Analysis;

/// <summary>A JSON file that a command writes, whole or not at all.</summary>
sealed class OutputFile
{
    OutputFile(string path) => Path = path;

    /// <summary>Gets its path.</summary>
    public string Path { get; }

    /// <summary>Checks, before anything is computed, that the file can be written.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <returns>The file; null for none.</returns>
    /// <exception cref="UsageException">The path is empty.</exception>
    /// <exception cref="IOException">There is no such folder, or the path is one.</exception>
    public static OutputFile? For(string? path)
    {
        if (path is null)
            return null;
        if (path.Length == 0)
            throw new UsageException("--json is empty, expected a file.");
        if (Directory.Exists(path))
            throw new IOException($"{path}: a folder, expected a file to write; give another with --json.");
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path}: there is no such folder to write to.");
        try
        {
            var trial = System.IO.Path.Combine(folder, $".{System.IO.Path.GetRandomFileName()}.part");
            using var _ = new FileStream(
                trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: cannot be written: {WholeFile.ReasonOf(fault)}; give another with --json.", fault);
        }

        return new(path);
    }
}
