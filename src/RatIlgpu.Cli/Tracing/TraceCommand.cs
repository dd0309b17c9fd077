using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Tracing;

/// <summary>Traces prompts and writes the page.</summary>
sealed class TraceCommand : ModelCommand
{
    public TraceCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "trace", "Trace attention backward from a token of a prompt, and write a page that shows the paths.",
            terminal, options, call)
    {
        AddAll(
            options.Position, options.Layers, options.Heads, options.AggHeads,
            options.Through, options.Flow, options.FromLayer, options.ToLayer, options.Ablate, options.Weights,
            options.Explain,
            options.TopBeam, options.TopK, options.MinAttn, options.MinShare, options.LengthNorm,
            options.StopAtBos, options.BosTokenId, options.Predictions, options.Generate, options.TraceToken,
            options.Sampling, options.Temperature, options.TopP, options.Seed, options.Output, options.OpenBrowser,
            options.Title, options.Theme, options.HelpText, options.MaxBytes, options.Record, options.Svg);
        OwnHelp[options.HelpText] = (
            "", "With --through: put an explanation of how to read the page at its top.");
        OwnHelp[options.MaxBytes] = (
            options.MaxBytes.HelpName!, "With --through: the most bytes that the data of the page may take.");
        OldNames = new Dictionary<string, string> { ["--target-pos"] = "--position", ["--layer"] = "--layers" };
        Defaults[options.Layers] = "-1, the last";
        Defaults[options.Heads] = "all";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Where the last token looks back to, at the last layer:", "\"When Mary and John went to the store\""),
        ("Every layer on one page, with a slider:", "--layers all \"When Mary and John went to the store\""),
        ("Through all layers, with the share of each token:", "--through \"When Mary and John went to the store\""),
    ];

    protected override Func<string, bool> IsOwnFile => TraceFiles.IsOwn;

    protected override Work Plan(ParseResult parsed)
    {
        var plan = TraceSettings.Read(parsed, Vocabulary);
        if (parsed.Get(Vocabulary.Through))
            return OfFlows(parsed, plan, FlowSettings.Read(parsed, Vocabulary));

        parsed.Need(
            false, "--through", Vocabulary.Flow, Vocabulary.FromLayer, Vocabulary.ToLayer, Vocabulary.MinShare,
            Vocabulary.HelpText, Vocabulary.MaxBytes);
        plan.CheckExplained();
        return OfLayers(parsed, plan);
    }

    // Traces of single layers, and their page.
    Work OfLayers(ParseResult parsed, TraceSettings asked)
    {
        var output = parsed.Get(Vocabulary.Output)!;
        var look = LookOf(parsed, Vocabulary);
        var (opensBrowser, recordings, svg) = (parsed.Get(Vocabulary.OpenBrowser),
            RecordingFiles.Read(parsed, Vocabulary), SvgOutput.Read(parsed, Vocabulary));
        OutputFolder? folder = null;
        return new(session =>
        {
            var plan = asked.For(session);
            var run = new TraceBatch(session, plan, records: recordings.Path is not null);
            folder!.Need([.. run.Places.Select(place => run.Names.FileOf(place))]);
            recordings.Need(RecordingFiles.Suffixes(session.Prompts.Length));
            ImmutableArray<ImmutableArray<TraceResult>> results =
            [
                .. run.Trace().Select(traces =>
                    traces.Select(one => one with { Origin = session.Origin }).ToImmutableArray()),
            ];
            var files = AndPrint(
                () => FilesOf([.. results.SelectMany(traces => traces)], run.Names, look, folder, session),
                () => TraceReport.Print(results, run.Names, plan, session));
            Say(files, session.Report);
            Draw([.. results.SelectMany(traces => traces)], run.Names, look, svg, session.Report);
            recordings.Write(run.Record, session.Report);
            session.Json.Write(stream => TraceFiles.WriteJson(
                [.. results.SelectMany(traces => traces)], session, stream));
            if (opensBrowser)
                Browser.Open(files.Page, session.Terminal.Error);
        })
        {
            Try = () =>
            {
                folder = OutputFolder.For(output, TraceFiles.Page);
                recordings.Try();
                svg.Try();
            },
        };
    }

    // Flows through all layers, and their page.
    Work OfFlows(ParseResult parsed, TraceSettings plan, FlowOptions options)
    {
        var output = parsed.Get(Vocabulary.Output)!;
        var look = PageLook.Of<FlowPageOptions>(parsed, Vocabulary);
        var (opensBrowser, svg) = (parsed.Get(Vocabulary.OpenBrowser), SvgOutput.Read(parsed, Vocabulary));
        OutputFolder? folder = null;
        return new(session =>
        {
            var page = new FlowBatch(session, plan.For(session), options).Run(look, folder!, svg);
            if (opensBrowser)
                Browser.Open(page, session.Terminal.Error);
        })
        {
            Try = () =>
            {
                folder = OutputFolder.For(output, TraceFiles.Page);
                svg.Try();
            },
        };
    }

    static WrittenTraces FilesOf(
        ImmutableArray<TraceResult> results,
        TraceNames names,
        TracePageOptions look,
        OutputFolder folder,
        Session session) => TraceFiles.Write(
            () => TracePage.Render(results, look),
            [
                .. results.Select(result => (
                    names.FileOf(TracePlace.Of(result)), (Action<Stream>)(stream => TraceJson.Write(result, stream)))),
            ],
            folder, session);

    /// <summary>Returns title and theme of a page.</summary>
    public static TracePageOptions LookOf(ParseResult parsed, CliOptions options)
    {
        var look = new TracePageOptions { Theme = parsed.Get(options.Theme) };
        return parsed.Get(options.Title) is { } title ? look with { Title = title } : look;
    }

    // A figure shows one trace: of several, the one that their page opens at.
    static void Draw(
        ImmutableArray<TraceResult> results, TraceNames names, TracePageOptions look, SvgOutput svg, TextWriter report)
    {
        if (svg.Path is null)
            return;
        var opening = TracePage.OpeningOf(results);
        svg.Write(() => TracePage.ToSvg(opening, look), report, WhichOf(names, TracePlace.Of(opening)));
    }

    /// <summary>Says which of several traces a figure shows: that as which the page opens; empty for the only
    /// one.</summary>
    internal static string WhichOf(TraceNames names, TracePlace opening)
    {
        if (!names.AreSeveral)
            return "";
        var title = names.TitleOf(opening).ToLowerInvariant();
        string[] parts = [names.Prompts ? $"prompt {opening.Prompt + 1}" : "", title, "as the page opens"];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    /// <summary>Says which files were written and deleted.</summary>
    internal static void Say(WrittenTraces files, TextWriter output)
    {
        const int MostNamed = 8;
        output.WriteLine();
        if (files.Deleted.Count > 0)
            output.WriteLine($"Deleted, of an earlier run: {OneLine.Escape(string.Join(", ", files.Deleted))}");
        var rest = files.Data.Count > MostNamed
            ? $" and {CountText.Of(files.Data.Count - MostNamed, "more file")}"
            : "";
        output.WriteLine(
            $"Wrote {OneLine.Escape(files.Page)} and {OneLine.Escape(string.Join(", ", files.Data.Take(MostNamed)))}"
            + rest);
    }

    /// <summary>Writes the files, then prints the paths. The paths are printed even if writing fails, since they may
    /// have taken hours; on cancellation nothing is printed.</summary>
    internal static T AndPrint<T>(Func<T> write, Action print)
    {
        T written;
        try
        {
            written = write();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            print();
            throw;
        }

        print();
        return written;
    }
}
