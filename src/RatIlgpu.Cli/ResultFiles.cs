using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>The files of one result in the folder of <c>--output</c>: all are made before the first is
/// written.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="options">The options of all commands.</param>
/// <param name="names">The names of the files; the page comes first.</param>
sealed class ResultFiles(ParseResult parsed, CliOptions options, ImmutableArray<string> names)
{
    readonly string path = parsed.Get(options.Output)!;
    readonly bool opens = parsed.Get(options.OpenBrowser);
    OutputFolder? folder;
    string? page;

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try() => folder = OutputFolder.For(path, names.AsSpan());

    /// <summary>Writes the files, and says where.</summary>
    /// <param name="contents">What is in each.</param>
    /// <param name="report">Where it is said.</param>
    public void Write(IReadOnlyList<byte[]> contents, TextWriter report)
    {
        var written = names.Zip(contents, (name, content) =>
            folder!.Write(name, stream => stream.Write(content))).ToArray();
        report.WriteLine();
        foreach (var file in written)
            report.WriteLine($"Wrote {OneLine.Escape(file)}");
        page = written[0];
    }

    /// <summary>Opens the page that was written, if that was asked for.</summary>
    /// <param name="terminal">Where it is said if no browser opens.</param>
    public void Open(Terminal terminal)
    {
        if (opens)
            Browser.Open(page!, terminal.Error);
    }

    /// <summary>Returns what a function writes.</summary>
    public static byte[] Bytes(Action<Stream> write)
    {
        using var bytes = new MemoryStream();
        write(bytes);
        return bytes.ToArray();
    }
}
