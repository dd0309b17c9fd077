using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Checkpoints;

/// <summary>The page of two checkpoints in the folder of <c>--output</c>, its figure and its JSON.</summary>
sealed class DiffFiles
{
    const string Page = "diff.html";

    readonly string path;
    readonly DiffPageOptions look;
    readonly SvgOutput svg;
    readonly JsonOutput json;
    readonly bool opens;
    OutputFolder? folder;

    DiffFiles(string path, DiffPageOptions look, SvgOutput svg, JsonOutput json, bool opens) =>
        (this.path, this.look, this.svg, this.json, this.opens) = (path, look, svg, json, opens);

    /// <summary>Gets where the report for people goes.</summary>
    public TextWriter Report => json.Report;

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options) => command.AddAll(
        options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText, options.MaxBytes,
        options.Svg, options.Json);

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="call">How the command was called.</param>
    /// <param name="terminal">Where the report goes.</param>
    /// <exception cref="UsageException">Two outputs are in one place, or one is read.</exception>
    public static DiffFiles Read(ParseResult parsed, CliOptions options, Call call, Terminal terminal)
    {
        OutputTargets.Check(
            parsed, options, name => name == Page,
            new[] { parsed.Get(options.AtlasA), parsed.Get(options.AtlasB) }.OfType<string>());
        return new(
            parsed.Get(options.Output)!,
            PageLook.Of<DiffPageOptions>(parsed, options, new() { Command = call.Line, Version = Call.Version }),
            SvgOutput.Read(parsed, options),
            new(parsed, options, terminal),
            parsed.Get(options.OpenBrowser));
    }

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try()
    {
        json.Try();
        svg.Try();
        folder = OutputFolder.For(path, Page);
    }

    /// <summary>Checks the size of the page before the models run.</summary>
    /// <param name="outline">The comparison without its numbers.</param>
    /// <exception cref="ArgumentException">The page is too large even without its numbers.</exception>
    public void CheckSize(CheckpointDiff outline) => DiffPage.CheckSize(outline, look);

    /// <summary>Writes the files, and says where. One that cannot be written takes no other with it.</summary>
    /// <param name="diff">What differs.</param>
    /// <param name="terminal">Where it is said if no browser opens.</param>
    /// <param name="cancellation">Stops before a file is written.</param>
    /// <exception cref="ArgumentException">The page is too large; the other files are written.</exception>
    /// <exception cref="IOException">A file cannot be written; the other files are.</exception>
    public void Write(CheckpointDiff diff, Terminal terminal, CancellationToken cancellation)
    {
        var attempts = new OutputAttempts(cancellation);
        attempts.Run(() => json.Write(stream => DiffJson.Write(diff, stream, look.Origin)));
        Report.WriteLine();
        attempts.Run(() =>
        {
            var figure = svg.Path is null ? "" : Abandonable.Run(
                cancellation, () => DiffPage.ToSvg(diff, options: look));
            svg.Write(() => figure, Report);
        });
        attempts.Run(() => WritePage(diff, terminal, cancellation));
        attempts.End();
    }

    void WritePage(CheckpointDiff diff, Terminal terminal, CancellationToken cancellation)
    {
        var page = Abandonable.Run(cancellation, () => DiffPage.Render(diff, look));
        var file = folder!.Write(Page, page.Write);
        Report.WriteLine($"Wrote {OneLine.Escape(file)}");
        if (opens)
            Browser.Open(file, terminal.Error);
    }
}
