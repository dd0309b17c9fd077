using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>Where <c>--record</c> writes: one file for each run.</summary>
/// <param name="Path">The file; null where nothing is recorded.</param>
sealed record RecordingFiles(string? Path)
{
    /// <summary>Reads the option.</summary>
    public static RecordingFiles Read(ParseResult parsed, CliOptions options) => new(parsed.GetValue(options.Record));

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try()
    {
        if (Path is not null)
            JsonOutput.TryFile(Path, "--record");
    }

    /// <summary>Writes recordings, and says where.</summary>
    /// <param name="runs">The recordings, and what their names have before the ending, such as <c>-1</c>.</param>
    /// <param name="output">Where it is said.</param>
    public void Write(IReadOnlyList<(string Suffix, Recording Run)> runs, TextWriter output)
    {
        if (Path is null)
            return;
        output.WriteLine();
        foreach (var (suffix, run) in runs)
        {
            var file = NameOf(suffix);
            run.Save(file);
            output.WriteLine($"Recorded {OneLine.Escape(file)}");
        }
    }

    string NameOf(string suffix)
    {
        var ending = System.IO.Path.GetExtension(Path!);
        return Path![..^ending.Length] + suffix + ending;
    }
}
