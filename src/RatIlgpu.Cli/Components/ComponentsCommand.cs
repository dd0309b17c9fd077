using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Components;

/// <summary>Decomposes the matrices of attention of one layer, and says what the components do.</summary>
sealed class ComponentsCommand : ModelCommand
{
    public ComponentsCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "components",
            "Decompose the matrices of attention of one layer, by a file or by singular vectors: to which heads "
            + "components belong, what they add to each score, and what makes induction heads.",
            terminal, options, call)
    {
        AddAll(
            options.Layers, options.Heads, options.Position, options.Decomposition, options.Svd,
            options.SvdDistance, options.Top,
            options.Corpus, options.CorpusUnit, options.Documents, options.TextLength, options.Seed, options.Record,
            options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText, options.MaxBytes,
            options.Svg);
        Defaults[options.Layers] = "that of the head with the highest induction score";
        Defaults[options.Heads] = "the head of the layer with the highest induction score";
        OwnHelp[options.Top] = (
            "N", "The most components of each matrix that are reported, the strongest first; the scores are divided "
            + "among as many.");
        Defaults[options.Top] = $"{new ComponentOptions().Most} components of each matrix, or those that "
            + "have 95 % of the energy";
        Defaults[options.Documents] = $"{ComponentTexts.UsualDocuments}";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Singular vectors of the layer with the best induction head:",
            "\"When Mary and John went to the store, John gave a drink to\""),
        ("What the scores of one head are made of:",
            "--heads L3H1 --svd qk \"When Mary and John went to the store\""),
        ("Components of your own, in layer 3:",
            "--model models/own --decomposition components.safetensors --layers 3 \"When Mary and John\""),
    ];

    protected override Func<string, bool> IsOwnFile => ComponentsFiles.Names.Contains;

    protected override Work Plan(ParseResult parsed)
    {
        var choice = ComponentsChoice.Read(parsed, Vocabulary);
        var texts = ComponentTexts.Read(parsed, Vocabulary);
        var (files, recordings) = (ComponentsFiles.Read(parsed, Vocabulary), RecordingFiles.Read(parsed, Vocabulary));
        var position = parsed.Get(Vocabulary.Position)!;
        return new(session =>
        {
            recordings.Need(RecordingFiles.Suffixes(1));
            var found = new ComponentsRun(session, choice, texts, position).Run();
            ComponentsReport.Print(found.Report, session);
            recordings.Write(() => RecordingFiles.Numbered([found.Recording]), session.Report);
            session.Json.Write(stream =>
                ComponentsJson.Write(found.Report, session.Model, stream, session.Origin));
            // The page may be too large.
            files.Write(found.Report, session);
        })
        {
            Try = () =>
            {
                files.Try();
                recordings.Try();
            },
        };
    }
}
