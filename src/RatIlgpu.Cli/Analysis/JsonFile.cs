namespace RatIlgpu.Cli.Analysis;

/// <summary>The option <c>--json</c> and the file that it names, which is written whole or not at all.</summary>
sealed class JsonFile
{
    string? path;

    /// <summary>Gets the option.</summary>
    public CliOption<string?> Option { get; } = new(
        "--json", "file", "Write the whole result to this file; its form is told in docs/analysis.md.");

    /// <summary>Checks, before anything is computed, that the file can be written if one is asked for.</summary>
    public void Read(ParseResult parsed)
    {
        path = parsed.GetValue(Option);
        if (path is null)
            return;
        if (path.Length == 0)
            throw new UsageException("--json is empty, expected a file.");
        if (Directory.Exists(path))
            throw new IOException($"{path}: a folder, expected a file to write; give another with --json.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path}: there is no such folder to write to.");
        try
        {
            var trial = Path.Combine(folder, $".{Path.GetRandomFileName()}.part");
            using var _ = new FileStream(
                trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: cannot be written: {WholeFile.ReasonOf(fault)}; give another with --json.", fault);
        }
    }

    /// <summary>Writes the file if one was asked for, and says so.</summary>
    public void Write(Action<string> save, TextWriter output)
    {
        if (path is null)
            return;
        save(path);
        output.WriteLine();
        output.WriteLine($"Wrote {OneLine.Escape(path)}");
    }
}
