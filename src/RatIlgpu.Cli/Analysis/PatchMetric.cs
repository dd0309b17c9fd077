using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The number by which patches are measured, from the command line.</summary>
/// <param name="Kind">The kind; null for the one that the target suggests.</param>
/// <param name="Target">The tokens or the direction.</param>
sealed record PatchMetric(LogitMetricKind? Kind, MetricOptions Target)
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">The kind and the target do not fit.</exception>
    public static PatchMetric Read(ParseResult parsed, CliOptions options)
    {
        var found = new PatchMetric(parsed.Get(options.Metric), MetricOptions.Read(parsed, options));
        var (kind, target) = found;
        var word = kind is { } some ? Words.Of(some) : "";
        if (kind == LogitMetricKind.Direction && target.DirectionFile is null)
            throw new UsageException("--metric direction needs --direction.");
        if (kind is not (null or LogitMetricKind.Direction) && target.DirectionFile is not null)
            throw new UsageException($"--direction is no token; --metric {word} needs one.");
        if (kind == LogitMetricKind.KlDivergence && (target.Answer ?? target.Foil) is not null)
            throw new UsageException("--metric kl-divergence compares all tokens; leave --answer and --foil out.");
        if (kind == LogitMetricKind.Difference && target.Foil is null && !parsed.Has(options.Prompts))
            throw new UsageException("--metric difference needs --foil.");
        if (kind is LogitMetricKind.Logit or LogitMetricKind.LogProbability or LogitMetricKind.Probability
            && target.Foil is not null)
            throw new UsageException($"--metric {word} is about one token; leave --foil out, or choose difference.");
        return found;
    }

    /// <summary>Returns the pair of a prompt, and what is measured in it.</summary>
    /// <exception cref="ArgumentException">The prompts do not fit each other, or a token is none.</exception>
    public PatchInput InputOf(Session session, Prompt prompt, Selection position)
    {
        var (model, other) = (session.Model, prompt.Corrupted!);
        var (clean, corrupted) = (session.Encode(prompt), other.Encode(model.Tokenizer, model.Config.VocabularySize));
        if (clean.Length != corrupted.Length)
            throw new ArgumentException(
                $"{prompt.Where}: the clean prompt has the tokens {ReportHead.Tokens(clean, model)}, the corrupted one "
                + $"{ReportHead.Tokens(corrupted, model)}; expected equally many tokens, so that each position means "
                + "the same in both.");
        var pair = prompt.Recording is { } run && other.Recording is { } second
            ? PairOf((run, prompt.Where), (second, other.Where))
            : new PromptPair(clean.AsSpan(), corrupted.AsSpan(), prompt.AttentionMask is { } mask ? [.. mask] : null);
        var positions = session.Positions(prompt, position, clean.Length);
        var row = new Lazy<float[]?>(() => LogitsAt(session, pair, positions[^1]));
        if (Kind == LogitMetricKind.Difference && (prompt.Foil ?? Target.Foil) is null)
            throw new ArgumentException($"{prompt.Where}: has no foil, which --metric difference needs.");
        if (Kind is LogitMetricKind.Logit or LogitMetricKind.LogProbability or LogitMetricKind.Probability
            && prompt.Foil is not null)
            throw new ArgumentException(
                $"{prompt.Where}: has a foil, but --metric {Words.Of(Kind.Value)} is about one token.");
        LogitTarget? target = Kind == LogitMetricKind.KlDivergence
            ? null
            : Target.TargetOf(prompt, model, () => LikeliestOf(row.Value, prompt));
        var kind = Kind ?? (target!.Value.Direction is not null ? LogitMetricKind.Direction
            : target.Value.Foil is not null ? LogitMetricKind.Difference
            : LogitMetricKind.Logit);
        return new(
            prompt, new(pair, LogitMetric.Of(kind, target, [.. positions.Select(one => (Index)one)])), target,
            positions, target?.Answer is null ? null : HintOf(row.Value));

        // All logits are looked at, also where the metric is of one: each command refuses weights that are not numbers.
        string? HintOf(float[]? logits) => Target.HintOf(prompt, model, () => logits);
    }

    // Of several pairs, the error names the files of the one at fault.
    static PromptPair PairOf((Recording Run, string Where) clean, (Recording Run, string Where) corrupted)
    {
        try
        {
            return PromptPair.Of(clean.Run, corrupted.Run);
        }
        catch (ArgumentException fault)
        {
            throw new ArgumentException($"{clean.Where}, {corrupted.Where}: {fault.Message}", fault);
        }
    }

    static int LikeliestOf(float[]? logits, Prompt prompt) => logits is null
        ? throw new ArgumentException(
            $"{prompt.Where}: the recording has no logits at the position of the metric, so there is no likeliest "
            + "token; give one with --answer.")
        : logits.IndexOf(logits.Max());

    // Of a recorded run, those that were recorded: the model may have run otherwise then.
    static float[]? LogitsAt(Session session, PromptPair pair, int position)
    {
        if (pair.CleanRun is { } run)
            return run.TryGet(Site.Logits, out var recorded) && recorded.Has(position)
                ? recorded.Row(position).ToArray()
                : null;
        return session.LogitsAfter(pair.Clean.AsSpan(), position, pair.AttentionMask);
    }
}

/// <summary>A pair of prompts to patch.</summary>
/// <param name="Prompt">The prompt as it was given.</param>
/// <param name="Case">The pair and its metric.</param>
/// <param name="Target">The tokens or the direction of the metric; null where there are none.</param>
/// <param name="Positions">The positions of the metric.</param>
/// <param name="Hint">A hint about the answer; null for none.</param>
sealed record PatchInput(
    Prompt Prompt, PatchCase Case, LogitTarget? Target, ImmutableArray<int> Positions, string? Hint)
{
    /// <summary>Throws if the patches of some pairs do not mean the same.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static void Check(ImmutableArray<PatchInput> inputs, PatchAxes axes)
    {
        var first = inputs[0];
        foreach (var other in inputs)
        {
            if (other.Case.Metric.Kind != first.Case.Metric.Kind)
                throw new ArgumentException(
                    $"{other.Prompt.Where}: its metric is {Word(other)}, but that of {first.Prompt.Where} is "
                    + $"{Word(first)}; give every line a foil or none, or choose one with --metric.");
            if ((axes & (PatchAxes.Position | PatchAxes.Key)) != 0 && other.Case.Pair.Length != first.Case.Pair.Length)
                throw new ArgumentException(
                    $"{other.Prompt.Where}: has {CountText.Of(other.Case.Pair.Length, "token")}, but "
                    + $"{first.Prompt.Where} has {first.Case.Pair.Length}: patches by position are compared position "
                    + "by position; choose --axes head or layer, or prompts of one length.");
        }

        static string Word(PatchInput input) => Words.Of(input.Case.Metric.Kind!.Value);
    }

    /// <summary>Returns the parts that tell the files of the runs apart, such as <c>-1-clean</c>.</summary>
    public static IEnumerable<string> Suffixes(int count) => RecordingFiles.Suffixes(count)
        .SelectMany(number => new[] { number + "-clean", number + "-corrupted" });

    /// <summary>Returns the recorded runs, with the parts of <see cref="Suffixes"/>.</summary>
    public static IReadOnlyList<(string Suffix, Recording Run)> Runs(ImmutableArray<PatchInput> inputs) =>
    [
        .. Suffixes(inputs.Length).Zip(
            inputs.SelectMany(input => new[] { input.Case.Pair.CleanRun!, input.Case.Pair.CorruptedRun! }
                .Select(run => run.AskedAt([.. input.Positions.Select(position => (Index)position)])))),
    ];
}
