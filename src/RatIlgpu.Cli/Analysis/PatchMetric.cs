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
        var found = new PatchMetric(parsed.GetValue(options.Metric), MetricOptions.Read(parsed, options));
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
                $"{prompt.Where}: the clean prompt is {ReportHead.Tokens(clean, model)}, the corrupted one "
                + $"{ReportHead.Tokens(corrupted, model)}; expected equally many tokens, so that each position means "
                + "the same in both.");
        var pair = prompt.Recording is { } run && other.Recording is { } second
            ? PromptPair.Of(run, second)
            : new PromptPair(clean.AsSpan(), corrupted.AsSpan(), prompt.AttentionMask is { } mask ? [.. mask] : null);
        var positions = session.Positions(prompt, position, clean.Length);
        var row = new Lazy<float[]>(() => LogitsAt(session, clean, positions[^1], prompt.AttentionMask));
        LogitTarget? target = Kind == LogitMetricKind.KlDivergence
            ? null
            : Target.TargetOf(prompt, model, () => row.Value.IndexOf(row.Value.Max()));
        var kind = Kind ?? (target!.Value.Direction is not null ? LogitMetricKind.Direction
            : target.Value.Foil is not null ? LogitMetricKind.Difference
            : LogitMetricKind.Logit);
        var hint = target?.Answer is not null && (prompt.Answer ?? Target.Answer) is not null
            ? Target.HintOf(prompt, model, row.Value)
            : null;
        return new(
            prompt, new(pair, LogitMetric.Of(kind, target, [.. positions.Select(one => (Index)one)])), target,
            positions, hint);
    }

    static float[] LogitsAt(Session session, ImmutableArray<int> ids, int position, ImmutableArray<int>? mask)
    {
        var network = session.Model.Network;
        using var logits = network.Forward(
            ids.AsSpan()[..(position + 1)],
            new()
            {
                LogitCount = 1,
                AttentionMask = mask is { } all ? [.. all[..(position + 1)]] : null,
                Cancellation = session.Cancellation,
            });
        return network.Device.Download(logits);
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
    /// <summary>Returns the recorded runs under the names that <see cref="RecordingFiles"/> gives them.</summary>
    public static IReadOnlyList<(string Suffix, Recording Run)> Runs(ImmutableArray<PatchInput> inputs) =>
    [
        .. from input in inputs.Index()
           let number = inputs.Length > 1 ? $"-{input.Index + 1}" : ""
           from run in new[]
               { ("-clean", input.Item.Case.Pair.CleanRun), ("-corrupted", input.Item.Case.Pair.CorruptedRun) }
           where run.Item2 is not null
           select (number + run.Item1, run.Item2),
    ];
}
