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

    readonly ResultFiles files;
    readonly AtlasPageOptions look;
    readonly SvgOutput svg;

    AtlasFiles(ResultFiles files, AtlasPageOptions look, SvgOutput svg) =>
        (this.files, this.look, this.svg) = (files, look, svg);

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
        new(parsed, options, Names),
        PageLook.Of<AtlasPageOptions>(parsed, options, origin),
        SvgOutput.Read(parsed, options));

    /// <summary>Tells whether a file of this name in the folder is written by the command.</summary>
    public static bool IsOwn(string name) => Names.Contains(name);

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try()
    {
        files.Try();
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
        files.Write(contents, json.Report);
        svg.Write(() => figure, json.Report);
        json.Write(stream => stream.Write(contents[1]));
        files.Open(terminal);
    }

    byte[][] Contents(HeadAtlas atlas)
    {
        var rows = AtlasTable.Rows(atlas);
        return
        [
            ResultFiles.Bytes(AtlasPage.Render(atlas, look).Write),
            ResultFiles.Bytes(stream => HeadAtlasJson.Write(atlas, stream, look.Origin)),
            ResultFiles.Bytes(stream => AtlasTable.WriteCsv(rows, stream)),
            ResultFiles.Bytes(stream => AtlasTable.WriteParquet(rows, atlas, stream)),
        ];
    }

    string Figure(HeadAtlas atlas) => svg.Path is null ? "" : AtlasPage.ToSvg(atlas, options: look);
}
