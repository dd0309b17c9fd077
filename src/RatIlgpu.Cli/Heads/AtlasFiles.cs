using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Heads;

/// <summary>The files of an atlas in the folder of <c>--output</c>, and its figure: all are made before the first is
/// written.</summary>
sealed class AtlasFiles
{
    /// <summary>The names of the files.</summary>
    public static readonly ImmutableArray<string> Names = [Page, "atlas.json", "atlas.csv", "atlas.parquet"];

    const string Page = "atlas.html";

    readonly string path;
    readonly AtlasPageOptions look;
    readonly SvgOutput svg;
    readonly bool opens;
    OutputFolder? folder;

    AtlasFiles(string path, AtlasPageOptions look, SvgOutput svg, bool opens) =>
        (this.path, this.look, this.svg, this.opens) = (path, look, svg, opens);

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options) => command.AddAll(Options(options));

    /// <summary>Gets the options, and that of the JSON.</summary>
    public static ReadOnlySpan<Option> Options(CliOptions options) => new Option[]
    {
        options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText, options.MaxBytes,
        options.Svg, options.Json,
    };

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="origin">What makes the atlas.</param>
    public static AtlasFiles Read(ParseResult parsed, CliOptions options, TraceOrigin origin) => new(
        parsed.Get(options.Output)!,
        new()
        {
            Title = parsed.Get(options.Title),
            Theme = parsed.Get(options.Theme),
            HelpText = parsed.Get(options.HelpText),
            MaxBytes = parsed.Get(options.MaxBytes),
            Origin = origin with { Title = parsed.Get(options.Title) },
        },
        SvgOutput.Read(parsed, options),
        parsed.Get(options.OpenBrowser));

    /// <summary>Tells whether a file of this name in the folder is written by the command.</summary>
    public static bool IsOwn(string name) => Names.Contains(name);

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try()
    {
        folder = OutputFolder.For(path, Names.AsSpan());
        svg.Try();
    }

    /// <summary>Writes the files, and says where.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="json">Where <c>--json</c> writes.</param>
    /// <param name="terminal">Where it is said if no browser opens.</param>
    /// <param name="cancellation">Stops before the first file is written.</param>
    /// <exception cref="ArgumentException">The page is too large.</exception>
    public void Write(HeadAtlas atlas, JsonOutput json, Terminal terminal, CancellationToken cancellation)
    {
        var (contents, figure) = Abandonable.Run(cancellation, () => (Contents(atlas), Figure(atlas)));
        var written = Names.Zip(contents, (name, content) =>
            folder!.Write(name, stream => stream.Write(content))).ToArray();
        json.Report.WriteLine();
        foreach (var file in written)
            json.Report.WriteLine($"Wrote {OneLine.Escape(file)}");
        svg.Write(() => figure, json.Report);
        json.Write(stream => stream.Write(contents[1]));
        if (opens)
            Browser.Open(written[0], terminal.Error);
    }

    byte[][] Contents(HeadAtlas atlas)
    {
        var rows = AtlasTable.Rows(atlas);
        return
        [
            Bytes(AtlasPage.Render(atlas, look).Write),
            Bytes(stream => HeadAtlasJson.Write(atlas, stream, look.Origin)),
            Bytes(stream => AtlasTable.WriteCsv(rows, stream)),
            Bytes(stream => AtlasTable.WriteParquet(rows, atlas, stream)),
        ];
    }

    string Figure(HeadAtlas atlas) => svg.Path is null ? "" : AtlasPage.ToSvg(atlas, options: look);

    static byte[] Bytes(Action<Stream> write)
    {
        using var bytes = new MemoryStream();
        write(bytes);
        return bytes.ToArray();
    }
}
