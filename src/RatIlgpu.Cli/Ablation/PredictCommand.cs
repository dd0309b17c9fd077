using RatIlgpu.Cli.Components;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Ablation;

/// <summary>Says what the model predicts after prompts without heads and values.</summary>
sealed class PredictCommand : ModelCommand
{
    const string Page = "predict.html";

    // More tokens stand in a row of the table than rows in the tables of other commands.
    const int UsualTop = 20;

    public PredictCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "predict",
            "Say what the model predicts after a token, and which tokens' logits rise and fall, without the outputs of "
            + "heads there and without the values of earlier positions.",
            terminal, options, call, PromptKind.Crafted)
    {
        AddAll(
            options.Position, options.Heads, options.Top, options.Output, options.OpenBrowser, options.Title,
            options.Theme, options.HelpText, options.MaxBytes, options.Layer);
        RemovedComponents.AddTo(this, options);
        Defaults[options.Heads] = "the three whose zeroing changes the predictions most";
        Defaults[options.Layer] = "that of the first head of --heads, or else the last but one";
        OwnHelp[options.Top] = (options.Top.HelpName!, "How many tokens that rise, and that fall, are shown.");
        Defaults[options.Top] = FormattableString.Invariant($"{UsualTop}");
        Defaults[options.Output] = CliOptions.PageIfAsked;
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("The 40 prompts that come with the command:", "--crafted"),
        ("Two heads of your choice, after the fourth token:",
            "--heads L1H0,L3H1 --position 3 \"When Mary and John went to the store\""),
        ("A page of your own prompts:", "--prompts prompts.jsonl --output page"),
    ];

    protected override Func<string, bool> IsOwnFile => name => name == Page;

    protected override Work Plan(ParseResult parsed)
    {
        var (position, heads) = (parsed.Get(Vocabulary.Position)!, HeadChoice.NamesOf(parsed.Get(Vocabulary.Heads)));
        var top = parsed.Has(Vocabulary.Top) ? parsed.Get(Vocabulary.Top) : UsualTop;
        if (top == 0)
            throw new UsageException("--top is 0, expected 1 or more tokens that rise, and as many that fall.");
        var (components, layer) = (RemovedComponents.Read(parsed, Vocabulary), parsed.Get(Vocabulary.Layer));
        parsed.Need(components is not null, "--components", Vocabulary.Layer);
        var page = PageOutput.Read(parsed, Vocabulary, Page);
        var look = PageLook.Of<PredictionPageOptions>(parsed, Vocabulary);
        return new(session =>
        {
            var model = session.Model;
            ImmutableArray<HeadIndex> named = heads is { } given ? session.Named(given) : [];
            var removed = components is null ? null : new RemovedRows(components, session, layer, named);
            PredictionTableReport report;
            using (var progress = new ProgressLine(session.Terminal, "runs"))
                report = PredictionTable.Run(
                    model.Network, [.. session.Prompts.SelectMany(prompt => CasesOf(prompt, position, session))],
                    new()
                    {
                        Heads = [.. named],
                        Top = top,
                        Masked = model.IdsWithoutToken,
                    },
                    removed is null ? null : removed.Of, progress, session.Cancellation);
            PredictReport.Print(report, session);
            var attempts = new OutputAttempts(session.Cancellation);
            attempts.Run(() => page.Write(
                () => PredictionPage.Render(report, model.Tokenizer.Token, LookOf(look, session)), session));
            attempts.Run(() => session.Json.Write(
                stream => PredictionJson.Write(report, model, stream, session.Origin)));
            attempts.End();
        })
        {
            Try = page.Try,
        };
    }

    static PredictionPageOptions LookOf(PredictionPageOptions look, Session session) => look with
    {
        Model = session.Traced,
        Origin = session.Origin,
    };

    static IEnumerable<PredictionPrompt> CasesOf(Prompt prompt, Selection position, Session session)
    {
        if (prompt.AttentionMask is not null)
            throw new InvalidDataException(
                $"{prompt.Where}: has an attention mask, but predict runs prompts without padding; leave it out.");
        var ids = session.Encode(prompt);
        // The file alone: folders may tell of their owner, and pages are given away.
        var label = session.IsBatch ? Path.GetFileName(prompt.Where) : "";
        return session.Positions(prompt, position, ids.Length)
            .Select(place => new PredictionPrompt([.. ids], place, label));
    }
}
