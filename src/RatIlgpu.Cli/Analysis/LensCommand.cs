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
            options.Record);
        OldNames = new Dictionary<string, string> { ["--top"] = "--predictions" };
        Defaults[options.Answer] = "none is followed";
        Defaults[options.Layers] = "all";
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("What the model would say after each sublayer:", "\"When Mary and John went to the store\""),
        ("How two tokens fare on the way, at two positions:",
            "--answer \" Mary, John\" --position 3,-1 \"When Mary and John went to the store\""),
        ("The mean rank of each prompt's own answer:", "--prompts prompts.jsonl --predictions 1"),
    ];

    protected override Work Plan(ParseResult parsed)
    {
        var (metric, files) = (MetricOptions.Read(parsed, Vocabulary), RecordingFiles.Read(parsed, Vocabulary));
        var (ablated, position) = (parsed.List(Vocabulary.Ablate), parsed.Get(Vocabulary.Position)!);
        var layers = Selection.Narrower(parsed.Get(Vocabulary.Layers));
        var top = parsed.Get(Vocabulary.Predictions);
        if (top == 0 && metric.TakesLikeliest && !parsed.Has(Vocabulary.Prompts))
            throw new UsageException("--predictions 0 leaves nothing to show; give --answer or --direction.");
        return new(session =>
        {
            files.Need(RecordingFiles.Suffixes(session.Prompts.Length));
            var shown = layers is { } some ? session.Layers(some) : default;
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
            files.Write(() => RecordingFiles.Numbered([.. runs.Select(run => run.Run)]), session.Report);
            session.Json.Write(stream => LensJson.Write(found, session.Model, stream, session.Origin));
        })
        {
            Try = files.Try,
        };
    }

    static bool IsFinite(LensState state) =>
        state.Top.Concat(state.Tokens).All(token => double.IsFinite(token.Logit) && double.IsFinite(token.Probability))
        && state.Projections.All(one => double.IsFinite(one.Value));

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

/// <summary>Prints the predictions of the states of the residual stream.</summary>
static class LensReport
{
    /// <summary>Prints, for each prompt and position, a line for each state; then the mean over the prompts.</summary>
    public static void Print(
        LensBatch batch,
        ImmutableArray<PromptRun> runs,
        ImmutableArray<HeadIndex> ablated,
        MetricOptions metric,
        ImmutableArray<int> layers,
        Session session)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        ReportHead.PrintAblated(output, ablated);
        foreach (var (reading, run) in batch.Prompts.Zip(runs))
        {
            ReportHead.PrintPrompt(session, run.Prompt, run.Ids);
            if (metric.HintOf(run.Prompt, session.Model, () => run.LogitsAt(run.Positions[^1])) is { } hint)
                output.WriteLine(ReportHead.Line("Note", hint));
            PrintStates(reading.States.Where(state => IsShown(state.State)), run.Ids, session.Model, output);
        }

        if (batch.Prompts.Length > 1)
            PrintMean(batch.Mean.Where(state => IsShown(state.State)), batch.Prompts.Length, output);

        // The stream after the last layer is shown with that layer.
        bool IsShown(ResidualTerm term) => layers.IsDefault || layers.Contains(term is ResidualTerm.FinalStream
            ? session.Model.Config.LayerCount - 1
            : RowChoice.PlaceOf(term).Layer);
    }

    static void PrintStates(
        IEnumerable<LensState> states, ImmutableArray<int> ids, LanguageModel model, TextWriter output)
    {
        var all = states.ToList();
        var width = all.Select(state => state.State.Label.Length).DefaultIfEmpty(0).Max();
        foreach (var position in all.GroupBy(state => state.Position))
        {
            output.WriteLine();
            output.WriteLine($"After {PathText.Token(model.Tokenizer.Token(ids[position.Key]))} at {position.Key}");
            foreach (var state in position)
            {
                var line = string.Join("  ", state.Top.Select(Likely)
                    .Concat(state.Tokens.Select(Followed)).Concat(state.Projections.Select(Projected)));
                output.WriteLine($"  {state.State.Label.PadRight(width)}  {line}");
            }
        }

        string Text(LensToken token) => PathText.Token(model.Tokenizer.Token(token.Id));

        string Likely(LensToken token) =>
            string.Create(CultureInfo.InvariantCulture, $"{Text(token)} {token.Probability * 100:F1} %");

        string Followed(LensToken token) => string.Create(
            CultureInfo.InvariantCulture, $"[{Text(token)} rank {token.Rank}, {token.Probability * 100:G3} %]");

        string Projected(LensProjection one) => string.Create(
            CultureInfo.InvariantCulture, $"[{OneLine.Escape(one.Direction.Name)} {one.Value:+0.000;-0.000;0.000}]");
    }

    static void PrintMean(IEnumerable<LensMean> states, int prompts, TextWriter output)
    {
        output.WriteLine();
        var followed = states.Where(state => !state.Followed.IsEmpty || !state.Projections.IsEmpty).ToList();
        if (followed.Count == 0)
        {
            output.WriteLine(
                $"Over all {prompts} prompts there is no mean: give each a token to follow, with answer or --answer.");
            return;
        }

        output.WriteLine($"Over all {prompts} prompts, mean ± spread:");
        var width = followed.Max(state => state.State.Label.Length);
        foreach (var state in followed)
            output.WriteLine($"  {state.State.Label.PadRight(width)}  "
                + string.Join("  ", state.Followed.Select(Token).Concat(state.Projections.Select(Number))));

        static string Token(LensTokenMean token) => string.Create(
            CultureInfo.InvariantCulture,
            $"[rank {token.Rank.Mean:F1} ± {token.Rank.Spread:F1}, {token.Probability.Mean * 100:F1} ± "
            + $"{token.Probability.Spread * 100:F1} %]");

        static string Number(MeanAndSpread one) =>
            string.Create(CultureInfo.InvariantCulture, $"[{one.Mean:+0.000;-0.000;0.000} ± {one.Spread:F3}]");
    }
}
