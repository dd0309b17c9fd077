using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Shows the next tokens that the residual stream predicts after each sublayer.</summary>
sealed class LensCommand : ModelCommand
{
    public LensCommand(Terminal terminal, CliOptions options, Call call)
        : base(
            "lens",
            "Unembed the residual stream after every sublayer: what the model would say if it stopped there. 2_pre is "
            + "the stream before layer 2, 2_mid that between its attention and its MLP, final_post that after the last "
            + "layer.",
            terminal, options, call)
    {
        AddAll(
            options.Position, options.Layers, options.Ablate, options.Answer, options.Direction, options.Predictions,
            options.Record, options.Output, options.OpenBrowser, options.Title, options.Theme, options.HelpText,
            options.MaxBytes, options.Svg);
        OldNames = new Dictionary<string, string> { ["--top"] = "--predictions" };
        OwnHelp[options.Answer] = (
            options.Answer.HelpName!, $"The tokens that are followed: each {CliOptions.TokenForms}; commas between.");
        Defaults[options.Answer] = "none is followed";
        Defaults[options.Layers] = "all";
        Defaults[options.Output] = CliOptions.PageIfAsked;
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("What the model would say after each sublayer:", "\"When Mary and John went to the store\""),
        ("A page of all positions, and how two tokens fare on the way:",
            "--output page --position all --answer \" Mary, John\" \"When Mary and John went to the store\""),
        ("The mean rank of each prompt's own answer:", "--prompts prompts.jsonl --predictions 1"),
    ];

    protected override Func<string, bool> IsOwnFile => name => name == LensDrawing.Page;

    protected override Work Plan(ParseResult parsed)
    {
        var (metric, files) = (MetricOptions.Read(parsed, Vocabulary), RecordingFiles.Read(parsed, Vocabulary));
        var (left, position) = (parsed.List(Vocabulary.Ablate), parsed.Get(Vocabulary.Position)!);
        var layers = Selection.Narrower(parsed.Get(Vocabulary.Layers));
        var top = parsed.Get(Vocabulary.Predictions);
        var drawing = LensDrawing.Read(parsed, Vocabulary);
        if (top == 0 && metric.TakesLikeliest && !parsed.Has(Vocabulary.Prompts))
            throw new UsageException("--predictions 0 leaves nothing to show; give --answer or --direction.");
        return new(session =>
        {
            files.Need(RecordingFiles.Suffixes(session.Prompts.Length));
            var shown = layers is { } some ? session.Layers(some) : default;
            var ablated = session.Named(left, "--ablate");
            var followed = new FollowedTokens(session, metric);
            var runs = PromptRun.All(session, position, ablated, places => LogitLens.Captures(places));
            var options = new LensOptions
            {
                Top = top,
                Tokens = followed.OfAll,
                Directions = metric.Direction is { } direction ? [direction] : [],
            };
            var lens = new LogitLens(session.Model.Network);
            LensBatch found = lens.ReadAll(
                [.. runs.Select((run, place) => Case(run, followed.Of[place]))], options, session.Cancellation);
            if (found.Prompts.SelectMany(prompt => prompt.States).Any(state => !IsFinite(state)))
                throw Session.NotFinite("A state of the stream");
            LensReport.Print(found, runs, ablated, metric, shown, session);
            files.Write(() => RecordingFiles.Numbered([.. runs.Select(run => run.ToKeep)]), session.Report);
            session.Json.Write(stream => LensJson.Write(found, session.Model, stream, session.Origin));
            // The page may be too large.
            drawing.Write(found, shown, session);
        })
        {
            Try = () =>
            {
                files.Try();
                drawing.Try();
            },
        };
    }

    static bool IsFinite(LensState state) =>
        state.Top.Concat(state.Tokens).All(token => double.IsFinite(token.Logit) && double.IsFinite(token.Probability))
        && state.Projections.All(one => double.IsFinite(one.Value))
        && double.IsFinite(state.Entropy) && double.IsFinite(state.KlDivergence);

    static AnalysisPrompt Case(PromptRun run, LogitTarget? followed) => new([.. run.Ids])
    {
        Positions = run.Places,
        AttentionMask = run.Run.AttentionMask,
        Run = run.Run,
        Target = followed,
    };
}

/// <summary>The tokens that are followed: the answer of each prompt, or those of the command line.</summary>
sealed class FollowedTokens
{
    /// <summary>Reads the tokens.</summary>
    /// <exception cref="ArgumentException">A text is not one token, or a list of tokens is given beside an answer of a
    /// prompt.</exception>
    public FollowedTokens(Session session, MetricOptions metric)
    {
        ImmutableArray<int> list = metric.Answer is { } text
            ? [.. TokenArgument.ReadList(text, "--answer", session.Model)]
            : [];
        var own = session.Prompts.FirstOrDefault(prompt => prompt.Answer is not null);
        if (own is not null && list.Length > 1)
            throw new ArgumentException(
                $"--answer is a list of {list.Length} tokens, but {own.Where} has an answer of its own: give one "
                + "token, which is for the prompts without an answer.");
        OfAll = own is null ? list : [];
        Of = [.. session.Prompts.Select(prompt => TargetOf(prompt, own is null ? [] : list, session.Model))];
    }

    /// <summary>Gets the tokens that are followed in every prompt.</summary>
    public ImmutableArray<int> OfAll { get; }

    /// <summary>Gets the tokens that are followed in each prompt; null for none.</summary>
    public ImmutableArray<LogitTarget?> Of { get; }

    static LogitTarget? TargetOf(Prompts.Prompt prompt, ImmutableArray<int> usual, LanguageModel model)
    {
        if (prompt.Answer is not { } answer)
            return usual is [var token] ? new(token) : null;
        var target = new MetricOptions(answer, prompt.Foil, null);
        return target.TargetOf(prompt, model, () => 0);
    }
}
