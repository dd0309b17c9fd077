using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Explains why a head attends to a key.</summary>
sealed class ExplainCommand : ModelCommand
{
    public ExplainCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "explain",
            "Take an attention score apart: which parts of the query and of the key make a head look at a token.",
            terminal, options, call)
    {
        AddAll(
            options.Head, options.Query, options.Key, options.FoilKey, options.Ablate, options.Reading,
            options.SplitHeads, options.Verify, options.Answer, options.Foil, options.Direction, options.Top,
            options.Record, options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText,
            options.MaxBytes, options.Svg);
        OwnHelp[options.Answer] = (
            options.Answer.HelpName!,
            $"With --verify: the token whose logit is measured at the query: {CliOptions.TokenForms}.");
        OwnHelp[options.Foil] = (
            options.Foil.HelpName!,
            "With --verify: a token that the answer is compared with: then the difference of the logits is measured.");
        OwnHelp[options.Direction] = (
            options.Direction.HelpName!,
            "With --verify: measure along a direction of the residual stream instead of a token: a safetensors file "
            + "with one tensor of the model's width, or a JSON list of numbers.");
        OwnHelp[options.Top] = (
            options.Top.HelpName!,
            "How many pairs, parts of the key and parts of the query are shown, the largest first; 0 shows sums alone. "
            + "--verify measures the five largest parts all the same.");
        Defaults[options.Answer] = "the likeliest there";
        Defaults[options.Output] = CliOptions.PageIfAsked;
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Why the last token of L3H1 looks where it looks:",
            "--head L3H1 \"When Mary and John went to the store, John gave a drink to\""),
        ("Why at one name rather than at the other:",
            "--head L3H3 --key 1 --foil-key 3 \"When Mary and John went to the store, John gave a drink to\""),
        ("Which tokens the earlier heads took it from, measured too, as a page:",
            "--head L3H1 --key 3 --split-heads --verify --output page "
                + "\"When Mary and John went to the store, John gave it to\""),
    ];

    protected override Func<string, bool> IsOwnFile => name => name == ExplanationFiles.Page;

    protected override Work Plan(ParseResult parsed)
    {
        var (asked, files) = (ExplainedLinks.Read(parsed, Vocabulary), RecordingFiles.Read(parsed, Vocabulary));
        if (asked.IsVerified && parsed.Has(Vocabulary.FromRecording))
            throw new UsageException(
                "--verify runs the model again, and --from-recording runs nothing; leave one out.");
        parsed.Need(asked.IsVerified, "--verify", Vocabulary.Answer, Vocabulary.Foil, Vocabulary.Direction);
        var (left, top) = (parsed.List(Vocabulary.Ablate), parsed.Get(Vocabulary.Top));
        var drawing = ExplanationFiles.Read(parsed, Vocabulary);
        return new(session =>
        {
            var links = asked.For(session);
            var ablated = session.Named(left, "--ablate");
            files.Need(RecordingFiles.Suffixes(session.Prompts.Length));
            var runs = links.Run(session, ablated, drawing.Output.IsAsked ? ExplanationFiles.Beside : []);
            if (runs.SelectMany(run => run.Found.Concat(run.Beside)).Any(found => !IsFinite(found)))
                throw Session.NotFinite("The score");
            ExplainReport.Print(runs, ablated, top, session);
            files.Write(
                () => RecordingFiles.Numbered([.. runs.Select(run => run.Run.AskedAt(run.Found[0].Query))]),
                session.Report);
            session.Json.Write(stream => ScoreAttributionJson.Write(
                [.. runs.Select(run => run.Found)], session.Model, stream, session.Origin));
            // The page may be too large.
            drawing.Write(runs, session);
        })
        {
            Try = () =>
            {
                files.Try();
                drawing.Try();
            },
        };
    }

    static bool IsFinite(ScoreAttribution found) =>
        double.IsFinite(found.Score) && double.IsFinite(found.Attention) && found.Pairs.All(double.IsFinite);
}
