using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Tracing;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Shows the attention of heads on a page.</summary>
sealed class AttentionCommand : ModelCommand
{
    const string Page = "attention.html";

    public AttentionCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "attention", "Show what each head attends to, on a page of all heads, and say which do something simple.",
            terminal, options, call)
    {
        AddAll(
            options.Layers, options.Heads, options.BatchIndex, options.Ablate, options.Weights, options.Mode,
            options.Rollout, options.Notation, options.Labels, options.Picker, options.Output, options.OpenBrowser,
            options.Title, options.Theme, options.HelpText, options.MaxBytes, options.Svg, options.Record);
        Defaults[options.Layers] = "all";
        Defaults[options.Heads] = "all";
        OwnHelp[options.Weights] = (
            string.Join('|', OfOneHead.Select(Words.Of)),
            "How the page weights attention at first: standard, not at all; value, by the length of each key's value; "
                + "info, by the length of what the head writes of it.");
    }

    // Heads have no contributions alone.
    static ImmutableArray<AttentionWeights> OfOneHead =>
        [AttentionWeights.Standard, AttentionWeights.Value, AttentionWeights.Info];

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Every head of every layer:", "\"When Mary and John went to the store\""),
        ("Two heads, with their numbers:", "--heads L1H0,L3H2 --mode large \"When Mary and John went to the store\""),
        ("The last layer over three prompts with names:",
            "--prompts prompts.txt --layers -1 --labels clean,swapped,long"),
    ];

    protected override Func<string, bool> IsOwnFile => name => name == Page;

    protected override Work Plan(ParseResult parsed)
    {
        var choice = AttentionChoice.Read(parsed, Vocabulary);
        var look = LookOf(parsed, Vocabulary);
        var (output, opensBrowser) = (parsed.Get(Vocabulary.Output)!, parsed.Get(Vocabulary.OpenBrowser));
        var (recordings, svg) = (RecordingFiles.Read(parsed, Vocabulary), SvgOutput.Read(parsed, Vocabulary));
        OutputFolder? folder = null;
        return new(session =>
        {
            var run = new AttentionRun(session, choice, look);
            recordings.Need(RecordingFiles.Suffixes(run.Prompts.Length));
            run.Read(keepsRuns: recordings.Path is not null);
            var page = TraceCommand.AndPrint(
                () => folder!.Write(Page, run.Render().Write),
                () => AttentionReport.Print(run, look.Notation, session));
            session.Report.WriteLine();
            session.Report.WriteLine($"Wrote {OneLine.Escape(page)}");
            svg.Write(
                run.Draw,
                session.Report,
                run.Prompts.Length > 1 ? "the first prompt" : "");
            recordings.Write(() => RecordingFiles.Numbered(run.Runs), session.Report);
            session.Json.Write(stream => AttentionJson.Write(run.Summaries, session.Model, stream, session.Origin));
            if (opensBrowser)
                Browser.Open(page, session.Terminal.Error);
        })
        {
            Try = () =>
            {
                folder = OutputFolder.For(output, Page);
                svg.Try();
                recordings.Try();
            },
        };
    }

    static AttentionPageOptions LookOf(ParseResult parsed, CliOptions options)
    {
        var weights = parsed.Get(options.Weights);
        if (!OfOneHead.Contains(weights))
            throw new UsageException(
                $"--weights is {Words.Of(weights)}, which is of all heads together and shown by trace alone; expected "
                + $"{string.Join(", ", OfOneHead.Select(Words.Of))}.");
        return PageLook.Of<AttentionPageOptions>(parsed, options) with
        {
            Mode = parsed.Get(options.Mode),
            Weights = weights,
            Notation = parsed.Get(options.Notation),
            Picker = parsed.Get(options.Picker),
        };
    }
}
