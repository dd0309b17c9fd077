using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Ablation;

/// <summary>The files of a study. Those in the folder of <c>--output</c> are all made before the first of them is
/// written; those that another option names are written whatever becomes of them.</summary>
/// <param name="Files">Where they go.</param>
/// <param name="Svg">Where the static figure goes.</param>
/// <param name="Look">The title, the theme and the largest size of the page, and what makes it.</param>
sealed record AblateFiles(ResultFiles Files, SvgOutput Svg, AblationPageOptions Look)
{
    /// <summary>The names of the files.</summary>
    public static readonly ImmutableArray<string> Names =
        ["ablate.html", "ablate.json", "ablate.csv", "ablate.parquet"];

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options) =>
        command.AddAll(
            options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText, options.MaxBytes,
            options.Svg, options.Json);

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="origin">What makes the study.</param>
    public static AblateFiles Read(ParseResult parsed, CliOptions options, TraceOrigin origin) =>
        new(new(parsed, options, Names), SvgOutput.Read(parsed, options),
            PageLook.Of<AblationPageOptions>(parsed, options, origin));

    /// <summary>Tells whether a file of this name in the folder is written by the command.</summary>
    public static bool IsOwn(string name) => Names.Contains(name);

    /// <summary>Writes the files, and says where.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="session">The model.</param>
    /// <exception cref="ArgumentException">The page is too large; the figure and the JSON that options name are
    /// written.</exception>
    public void Write(AblateResult result, Session session)
    {
        var model = session.Model;
        var attempts = new OutputAttempts(session.Cancellation);
        attempts.Run(() => Files.Write(
            Abandonable.Run(session.Cancellation, () => Contents(result, model)), session.Report));
        attempts.Run(() =>
        {
            var figure = Svg.Path is null ? "" : Abandonable.Run(session.Cancellation, () => result.Svg(Look));
            Svg.Write(() => figure, session.Report);
        });
        attempts.Run(() => session.Json.Write(stream => result.WriteJson(model, stream, Look.Origin!)));
        attempts.End();
        Files.Open(session.Terminal);
    }

    byte[][] Contents(AblateResult result, LanguageModel model)
    {
        var (table, config) = (result.Table, model.Config);
        var look = Look with
        {
            Model = new(model.Name, config.LayerCount, config.HeadCount) { KeyHeadCount = config.KeyValueHeadCount },
        };
        return
        [
            ResultFiles.Bytes(result.Page(model, look).Write),
            ResultFiles.Bytes(stream => result.WriteJson(model, stream, look.Origin!)),
            ResultFiles.Bytes(table.WriteCsv),
            ResultFiles.Bytes(stream => table.WriteParquet(stream, new Dictionary<string, string>
            {
                [AblationTables.Mark] = "1",
                ["model"] = model.Name,
            })),
        ];
    }
}
