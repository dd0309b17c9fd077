using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>Where <c>--svg</c> writes: a file, which is written whole or not at all.</summary>
/// <param name="Path">The file; null where no figure is asked for.</param>
sealed record SvgOutput(string? Path)
{
    /// <summary>Reads the option.</summary>
    public static SvgOutput Read(ParseResult parsed, CliOptions options) => new(parsed.Get(options.Svg));

    /// <summary>Checks, before anything is computed, that the file can be written if one is asked for.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public void Try()
    {
        if (Path is not null)
            JsonOutput.TryFile(Path, "--svg");
    }

    /// <summary>Writes the figure if it was asked for, and says where.</summary>
    /// <param name="svg">Returns the figure.</param>
    /// <param name="report">Where it is said.</param>
    /// <param name="what">Which of several results the figure shows; empty for the only one.</param>
    public void Write(Func<string> svg, TextWriter report, string what = "")
    {
        if (Path is null)
            return;
        WholeFile.Write(Path, svg());
        report.WriteLine($"Wrote {OneLine.Escape(Path)}{(what.Length > 0 ? ": " + what : "")}");
    }
}
