namespace RatIlgpu.Cli;

/// <summary>A folder that a command writes to; files are written whole or not at all.</summary>
sealed class OutputFolder
{
    readonly string path;

    OutputFolder(string path) => this.path = path;

    /// <summary>Makes the folder, if it is not there.</summary>
    /// <exception cref="IOException">The name is taken by a file, or the folder cannot be made.</exception>
    public static OutputFolder Create(string path)
    {
        if (File.Exists(path))
            throw new IOException($"{path}: a file, expected a folder for the output; give another with --output.");
        Directory.CreateDirectory(path);
        return new OutputFolder(path);
    }

    /// <summary>Writes a file in place of one of the same name.</summary>
    /// <returns>The file's path.</returns>
    public string Write(string name, string text)
    {
        var target = Path.Combine(path, name);
        var part = Path.Combine(path, $".{name}.{Environment.ProcessId}.part");
        try
        {
            File.WriteAllText(part, text);
            File.Move(part, target, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }

        return target;
    }
}
