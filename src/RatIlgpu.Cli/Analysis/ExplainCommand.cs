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
            options.Record);
        Defaults[options.Answer] = "the likeliest there";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Why the last token of L3H1 looks where it looks:",
            "--head L3H1 \"When Mary and John went to the store, John gave a drink to\""),
        ("Why at one name rather than at the other:",
            "--head L3H3 --key 1 --foil-key 3 \"When Mary and John went to the store, John gave a drink to\""),
        ("Which tokens the earlier heads took it from, measured too:",
            "--head L3H1 --key 3 --split-heads --verify \"When Mary and John went to the store, John gave it to\""),
    ];

    protected override Work Plan(ParseResult parsed)
    {
        var (asked, files) = (ExplainedLinks.Read(parsed, Vocabulary), RecordingFiles.Read(parsed, Vocabulary));
        if (asked.IsVerified && parsed.Has(Vocabulary.FromRecording))
            throw new UsageException(
                "--verify runs the model again, and --from-recording runs nothing; leave one out.");
        parsed.Need(asked.IsVerified, "--verify", Vocabulary.Answer, Vocabulary.Foil, Vocabulary.Direction);
        var (ablated, top) = (parsed.List(Vocabulary.Ablate), parsed.Get(Vocabulary.Top));
        return new(session =>
        {
            asked.Check(session);
            files.Need(RecordingFiles.Suffixes(session.Prompts.Length));
            var runs = asked.Run(session, ablated);
            if (runs.SelectMany(run => run.Found).Any(found => !IsFinite(found)))
                throw Session.NotFinite("The score");
            ExplainReport.Print(runs, ablated, top, session);
            files.Write(
                () => RecordingFiles.Numbered([.. runs.Select(run => run.Run.AskedAt(run.Found[0].Query))]),
                session.Report);
            session.Json.Write(stream => ScoreAttributionJson.Write(
                [.. runs.Select(run => run.Found)], session.Model, stream, session.Origin));
        })
        {
            Try = files.Try,
        };
    }

    static bool IsFinite(ScoreAttribution found) =>
        double.IsFinite(found.Score) && double.IsFinite(found.Attention) && found.Pairs.All(double.IsFinite);
}
