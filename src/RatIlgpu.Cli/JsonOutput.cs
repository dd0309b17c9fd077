using System.Text;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>Where <c>--json</c> writes: a file, which is written whole or not at all, or standard output.</summary>
sealed class JsonOutput
{
    // The names of usual file systems have 255 bytes, of Windows as many letters.
    const int LongestName = 255;

    readonly string? path;
    readonly Terminal terminal;

    /// <summary>Reads the option.</summary>
    public JsonOutput(ParseResult parsed, CliOptions options, Terminal terminal) =>
        (path, this.terminal) = (parsed.Get(options.Json), terminal);

    /// <summary>Gets where the report for people goes: nowhere if the JSON goes to standard output.</summary>
    public TextWriter Report => path == "-" ? TextWriter.Null : terminal.Output;

    /// <summary>Checks, before anything is computed, that the file can be written if one is asked for.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public void Try()
    {
        if (path is not (null or "-"))
            TryFile(path, "--json");
    }

    /// <summary>Checks that a file can be written.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public static void TryFile(string path, string option)
    {
        if (WholeFile.IsDevice(path))
            return;
        if (Directory.Exists(path))
            throw new IOException($"{path}: a folder, expected a file to write; give another with {option}.");
        if (WholeFile.IsPipe(path))
            throw new IOException(
                $"{path}: is a pipe, expected a file to write; write to standard output instead, or give another file "
                + $"with {option}.");
        var target = WholeFile.TargetOf(path);
        var folder = Path.GetDirectoryName(target);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException(target == Path.GetFullPath(path)
                ? $"{path}: there is no such folder to write to; make it, or give another file with {option}."
                : $"{path}: is a link to {target}, whose folder is not there; make it, or give another file with "
                    + $"{option}.");
        CheckName(path, Path.GetFileName(target), option);
        try
        {
            var trial = Path.Combine(folder, $".{Path.GetRandomFileName()}.part");
            using var _ = new FileStream(
                trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: cannot be written: {WholeFile.ReasonOf(fault)}; give another with {option}.", fault);
        }
    }

    // The trial has a shorter name.
    static void CheckName(string path, string name, string option)
    {
        var length = OperatingSystem.IsWindows() ? name.Length : Encoding.UTF8.GetByteCount(name);
        if (length > LongestName)
            throw new IOException(FormattableString.Invariant(
                $"{OneLine.Shorten(path)}: has a name of {ByteText.Of(length)}, expected at most {LongestName}; give ")
                + $"another file with {option}.");
    }

    /// <summary>Writes the JSON if it was asked for, and says where.</summary>
    /// <param name="json">Returns the JSON.</param>
    public void Write(Func<string> json) => Write(stream => stream.Write(Encoding.UTF8.GetBytes(json())));

    /// <summary>Writes the JSON if it was asked for, and says where.</summary>
    /// <param name="write">Writes the JSON as UTF-8.</param>
    public void Write(Action<Stream> write)
    {
        if (path is null)
            return;
        if (path == "-")
        {
            using var bytes = new MemoryStream();
            write(bytes);
            terminal.Output.WriteLine(
                Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).TrimEnd('\n'));
            return;
        }

        WholeFile.Write(path, write);
        terminal.Output.WriteLine();
        terminal.Output.WriteLine($"Wrote {OneLine.Escape(path)}");
    }
}
