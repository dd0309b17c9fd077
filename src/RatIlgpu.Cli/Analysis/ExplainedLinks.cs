using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Which links of a head are explained, and how.</summary>
/// <param name="Head">The head.</param>
/// <param name="Query">The query of prompts that do not have a position of their own.</param>
/// <param name="Keys">The keys; null for those with the most attention.</param>
/// <param name="FoilKey">The key that they are compared with; null for none.</param>
/// <param name="Options">How they are explained; without the foil key.</param>
/// <param name="IsVerified">Whether parts are taken out and the link is measured again.</param>
/// <param name="Metric">The logit that is measured then.</param>
sealed record ExplainedLinks(
    HeadIndex Head,
    Selection Query,
    Selection? Keys,
    Selection? FoilKey,
    ScoreAttributionOptions Options,
    bool IsVerified,
    MetricOptions Metric)
{
    // Keys that are explained where none is asked for.
    const int Strongest = 3;

    const string Cure = "Leave this prompt out, or explain what every prompt has.";

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">There is no head, or options contradict each other.</exception>
    public static ExplainedLinks Read(ParseResult parsed, CliOptions options)
    {
        var head = parsed.Get(options.Head) ?? throw new UsageException(
            "there is no head: give the one whose attention is explained with --head, such as --head L3H2.");
        var (reading, foil) = (parsed.Get(options.Reading), parsed.Get(options.FoilKey));
        if (foil is null && reading == ScoreReading.Foil)
            throw new UsageException("--reading foil compares with a key; give it with --foil-key.");
        if (foil is not null && reading is { } other and not ScoreReading.Foil)
            throw new UsageException(
                $"--foil-key is about --reading foil, not {Words.Of(other)}; leave one of them out.");
        return new(
            head, parsed.Get(options.Query)!, parsed.Get(options.Key), foil,
            new()
            {
                Reading = reading ?? (foil is null ? ScoreReading.Here : ScoreReading.Foil),
                SplitHeads = parsed.Get(options.SplitHeads),
            },
            parsed.Get(options.Verify), MetricOptions.Read(parsed, options));
    }

    /// <summary>Checks the answers before anything runs, and returns the links of a head whose numbers count from
    /// 0.</summary>
    /// <exception cref="ArgumentException">The model does not have the head, or an answer is not one
    /// token.</exception>
    public ExplainedLinks For(Session session)
    {
        if (IsVerified)
            Metric.Check(session);
        return this with { Head = session.Named([Head], "--head")[0] };
    }

    /// <summary>Runs each prompt and explains its links.</summary>
    /// <param name="session">The model and the prompts.</param>
    /// <param name="ablated">The heads that are ablated.</param>
    /// <param name="beside">The readings that are explained besides, of the same run, where it has what they
    /// need.</param>
    /// <exception cref="ArgumentException">A prompt does not have a position, or a link cannot be
    /// explained.</exception>
    public ImmutableArray<ExplainedRun> Run(
        Session session, ImmutableArray<HeadIndex> ablated, ImmutableArray<ScoreReading> beside)
    {
        var changes = session.Ablations(ablated);
        foreach (var change in changes)
            if (change.Target.Site.Layer >= Head.Layer && !IsVerified)
                throw new ArgumentException(
                    $"--ablate has heads of layer {change.Target.Site.Layer}, which do not change the attention of "
                    + $"{Head}: leave them out.");
        using var progress = new ProgressLine(session.Terminal);
        return
        [
            .. session.Prompts.Select(
                prompt => session.Of(prompt, () => Run(prompt, new(session, changes, progress), beside), Cure)),
        ];
    }

    ExplainedRun Run(Prompt prompt, Call call, ImmutableArray<ScoreReading> beside)
    {
        var session = call.Session;
        var (ids, attributor) = (session.Encode(prompt), new AttentionScoreAttributor(session.Model.Network));
        var query = QueryOf(session.Positions(prompt, Query, ids.Length, option: "--query"), prompt);
        var options = Options with
        {
            FoilKey = FoilKey is { } foil ? Session.Places(prompt, foil, "--foil-key", ids.Length)[0] : null,
        };
        ImmutableArray<int> keys = Keys is { } asked
            ? Session.Places(prompt, asked, "--key", ids.Length, last: query)
            : Without(options.FoilKey, attributor.StrongestKeys(
                RunOf(prompt, AttentionScoreAttributor.RowCaptures(Head, query), call), Head, query, Strongest + 1));
        CheckPairs(query, keys, Head, options, session.Model.Config);
        Index[] places = [.. keys.Select(key => (Index)key)];
        ScoreAttributionOptions[] others =
        [
            .. beside.Where(reading => reading != options.Reading)
                .Select(reading => options with { Reading = reading, FoilKey = null }),
        ];
        // A reading that reads all keys records what every other one needs.
        var widest = others.Prepend(options).MaxBy(one => one.Reading == ScoreReading.Others)!;
        var run = RunOf(prompt, CapturesOf(widest), call);
        var found = attributor.Explain(run, Head, query, places, options);
        var readings = others.ToLookup(one => WhyNot(one, run, query, places, call));
        return new(
            prompt, ids, run, IsVerified ? [.. found.Select(one => Verified(one, prompt, call))] : found,
            [.. readings[null].SelectMany(one => attributor.Explain(run, Head, query, places, one))])
        {
            LeftOut = [.. readings.Where(why => why.Key is not null).SelectMany(NotesOf)],
            Hint = IsVerified ? HintOf(prompt, ids, query, call) : null,
        };

        ImmutableArray<Capture> CapturesOf(ScoreAttributionOptions one) =>
            AttentionScoreAttributor.Captures(Head, query, places, ids.Length, one);
    }

    // Null for a reading that the run can be explained in. One that was recorded before may not have the other keys.
    string? WhyNot(ScoreAttributionOptions one, Recording run, int query, Index[] keys, Call call)
    {
        var (network, config) = (call.Session.Model.Network, call.Session.Model.Config);
        var captures = AttentionScoreAttributor.Captures(Head, query, keys, run.TokenIds.Length, one);
        if (one.Reading == ScoreReading.Others
            && new AttentionScoreAttributor(network).StrongestKeys(run, Head, query, 2).Length < 2)
            return $"query {query} sees one key alone";
        if (!RecordedRun.Has(run, captures, config.LayerCount))
            return "the recording lacks what it reads; make it anew with --output and --record";
        var pairs = keys.Sum(key => AttentionScoreAttributor.SplitPairs(config, Head, query, key.Value, one));
        return one.SplitHeads && pairs > AttentionScoreAttributor.MostPairs
            ? "heads split by token have too many pairs of parts for it"
            : null;
    }

    static IEnumerable<string> NotesOf(IGrouping<string?, ScoreAttributionOptions> lacking) => lacking.Select(one =>
        $"The page is without the reading {Words.Of(one.Reading)}: {lacking.Key}.");

    // Of the run that is measured, with all its changes.
    string? HintOf(Prompt prompt, ImmutableArray<int> ids, int query, Call call) => Metric.HintOf(
        prompt, call.Session.Model,
        () => call.Session.LogitsAfter(ids.AsSpan(), query, prompt.AttentionMask, call.Changes.AsSpan()));

    ScoreAttribution Verified(ScoreAttribution found, Prompt prompt, Call call)
    {
        var model = call.Session.Model;
        return new ScoreVerifier(model.Network).Verify(
            found,
            Metric.TakesLikeliest && prompt.Answer is null ? null : Metric.TargetOf(prompt, model, () => 0),
            interventions: [.. call.Changes], cancellation: call.Session.Cancellation);
    }

    Recording RunOf(Prompt prompt, ImmutableArray<Capture> captures, Call call)
    {
        // The run ends at the layer of the head.
        ImmutableArray<Intervention> changes =
            [.. call.Changes.Where(change => change.Target.Site.Layer < Head.Layer)];
        return prompt.Recording ?? new Recorder(call.Session.Model.Network) { Progress = call.Progress }.Record(
            call.Session.Encode(prompt).AsSpan(), Session.WithOwnValues(captures, changes),
            new()
            {
                AttentionMask = prompt.AttentionMask is { } mask ? [.. mask] : null,
                Interventions = changes,
            },
            call.Session.Cancellation);
    }

    static ImmutableArray<int> Without(Index? foil, ImmutableArray<int> keys)
    {
        ImmutableArray<int> left = [.. keys.Where(key => key != foil?.Value).Take(Strongest)];
        return left.IsEmpty
            ? throw new ArgumentException(
                "The query sees no key but that of --foil-key, so there is nothing to compare.")
            : left;
    }

    // The result is held whole: every pair of each key.
    // One link is checked where it is explained.
    static void CheckPairs(
        int query, ImmutableArray<int> keys, HeadIndex head, ScoreAttributionOptions options, Qwen2Config config)
    {
        var pairs = keys.Sum(key => AttentionScoreAttributor.SplitPairs(config, head, query, key, options));
        if (options.SplitHeads && keys.Length > 1 && pairs > AttentionScoreAttributor.MostPairs)
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Heads split by token have up to {pairs} pairs of parts for these {keys.Length} keys, more than "
                + $"{AttentionScoreAttributor.MostPairs}: explain fewer keys at a time with --key, or leave "
                + $"--split-heads out."));
    }

    // The command line gives one.
    static int QueryOf(ImmutableArray<int> positions, Prompt prompt) => positions is [var only]
        ? only
        : throw new ArgumentException(
            $"{prompt.Where}: {prompt.PositionKey} has {positions.Length} positions, expected one, that of the query"
            + (prompt.Recording is null ? "." : "; give one with --query."));

    // What all prompts of a command run with.
    sealed record Call(Session Session, ImmutableArray<Intervention> Changes, IProgress<double> Progress);
}

/// <summary>A prompt, its recorded run, and the explanation of each key.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Ids">Its tokens.</param>
/// <param name="Run">The run.</param>
/// <param name="Found">The explanations.</param>
/// <param name="Beside">Explanations of the same links in other readings, for the page.</param>
sealed record ExplainedRun(
    Prompt Prompt,
    ImmutableArray<int> Ids,
    Recording Run,
    ImmutableArray<ScoreAttribution> Found,
    ImmutableArray<ScoreAttribution> Beside)
{
    /// <summary>Gets sentences that say which readings the page lacks, and why. Default: none.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];

    /// <summary>Gets a hint about the answer whose logit is measured; null for none.</summary>
    public string? Hint { get; init; }
}
