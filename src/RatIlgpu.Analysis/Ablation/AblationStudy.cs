namespace RatIlgpu.Analysis;

/// <summary>Takes heads or values away at one position of each sample and compares with the run without a
/// change.</summary>
/// <remarks>After goodfire-ai/spd, pull request 403: the measures, and zeros at a drawn position. The other kinds are
/// those of the literature, since zeros are unlike what a head writes.</remarks>
public static class AblationStudy
{
    /// <summary>Runs a study.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples, at least one.</param>
    /// <param name="options">What is taken away; null for the defaults.</param>
    /// <param name="progress">Told the share of the samples that are done, also within those that run together; null
    /// for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">There is no sample, a position lies beyond its sample, a kind needs other
    /// samples and there is one alone, or an option does not fit the model.</exception>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public static AblationReport Run(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        AblationOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        var conditions = options.ConditionsFor(model);
        var tokens = PredictedTokens.Without(model.Config.VocabularySize, options.Masked.AsSpan());
        Check(samples, options);
        var sources = AblationSources.For(model, samples, conditions, cancellation);
        var maker = new ConditionMaker(model, samples, sources, options.Everywhere);
        var baselines = ImmutableArray.CreateBuilder<AblationBaseline>();
        var effects = new List<ImmutableArray<SampleEffect>>();
        var running = new Queue<SampleRun>();
        ConditionRuns.RunAll(
            model, [.. samples.Select(sample => sample.Ids.Length)], Start,
            _ =>
            {
                var run = running.Dequeue();
                baselines.Add(run.Baseline);
                effects.Add(run.Effects);
            },
            progress, cancellation);
        return new(options, [.. baselines], [
            .. conditions.Select((condition, place) => EffectOf(
                condition, [.. effects.Select(sample => sample[place])], baselines, options.Everywhere)),
        ]);

        ConditionedPrompt Start(int place)
        {
            var run = new SampleRun(
                model, samples[place], options, conditions, tokens, place < options.ShownSamples, cancellation);
            running.Enqueue(run);
            return new(
                samples[place].Ids.Items, [.. conditions.Select(condition => maker.Make(condition, place))], run.Reader)
            {
                Known = sources.Streams.IsEmpty ? null : sources.Streams[place],
            };
        }
    }

    /// <summary>Throws if samples do not fit a study.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="options">What is taken away.</param>
    /// <param name="least">The least position.</param>
    internal static void Check(ImmutableArray<AblationSample> samples, AblationOptions options, int least = 0)
    {
        if (samples.IsDefaultOrEmpty)
            throw new ArgumentException("There is no sample, expected one or more.");
        foreach (var (place, sample) in samples.Index())
            if (sample.Ids.Length <= least)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Sample {place + 1} has {CountText.Of(sample.Ids.Length, "token")}, expected more than {least}."));
            else if (sample.Position < least || sample.Position >= sample.Ids.Length)
                throw new ArgumentException(
                    FormattableString.Invariant($"Sample {place + 1} has position {sample.Position}, expected ")
                    + FormattableString.Invariant($"{least} to {sample.Ids.Length - 1}."));
        if (samples.Length == 1 && options.Kinds.Contains(AblationKind.Resample))
            throw new ArgumentException("Kinds has Resample, which takes from another sample; there is one alone.");
    }

    static ConditionEffect EffectOf(
        AblationCondition condition,
        ImmutableArray<SampleEffect> samples,
        IReadOnlyList<AblationBaseline> baselines,
        bool everywhere) => new(
            condition,
            [
                .. Enumerable.Range(0, samples[0].Layers.Length).Select(place => new LayerEffect(
                    condition.Layer + place,
                    MeanAndSpread.Of(samples.Select(one =>
                        AtPosition(one.Layers[place], everywhere, change => change.Projection))),
                    MeanAndSpread.Of(samples.Select(one =>
                        AtPosition(one.Layers[place], everywhere, change => change.Cosine))))),
            ],
            MeanAndSpread.Of(samples.Select(sample => (double?)sample.Divergences.Average())),
            MeanAndSpread.Of(samples.Select((one, sample) => (double?)one.Predictions
                .Zip(baselines[sample].Predictions, (after, before) => after == before ? 0.0 : 1).Average())),
            [.. samples]);

    // At the changed position; where all are changed, the mean.
    static double? AtPosition(
        ValueArray<OutputChange> changes, bool everywhere, Func<OutputChange, double?> measure) =>
        everywhere ? changes.Select(measure).Average() : measure(changes[0]);
}

/// <summary>The run of one sample under all conditions.</summary>
sealed class SampleRun
{
    // The patterns of all heads of a layer have the square of this.
    const int MostShownTokens = 512;

    readonly AblationSample sample;
    readonly AblationReader reader;
    readonly PatternWatch? watch;
    readonly HeadValueLengths? values;
    readonly int first, conditions;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="options">What is taken away.</param>
    /// <param name="conditions">The conditions.</param>
    /// <param name="tokens">The tokens that count as predictions.</param>
    /// <param name="isShown">Whether patterns and value lengths are kept.</param>
    /// <param name="cancellation">Stops between two blocks of logits.</param>
    public SampleRun(
        Qwen2Model model,
        AblationSample sample,
        AblationOptions options,
        ImmutableArray<AblationCondition> conditions,
        PredictedTokens tokens,
        bool isShown,
        CancellationToken cancellation)
    {
        (this.sample, this.conditions) = (sample, conditions.Length);
        first = options.Everywhere ? 0 : sample.Position;
        watch = isShown && options.ShownHeads > 0 && sample.Ids.Length <= MostShownTokens
            ? new PatternWatch(
                model.Config, first, conditions.Min(condition => condition.Layer), conditions.Length,
                options.ShownHeads)
            : null;
        values = isShown ? new HeadValueLengths(model.Config, conditions) : null;
        reader = new AblationReader(
            model, first, conditions.Length, tokens, watch, sample.Ids.Length, cancellation);
    }

    /// <summary>Gets what reads the run.</summary>
    public IConditionReader Reader => values is null ? reader : new WithBaseline(reader, values);

    /// <summary>Gets what was found without a change, after the run.</summary>
    public AblationBaseline Baseline =>
        new(sample, first, [.. reader.Predictions], watch?.Before ?? []) { Values = values?.Lengths ?? [] };

    /// <summary>Gets what each condition changes, after the run.</summary>
    public ImmutableArray<SampleEffect> Effects => [.. Enumerable.Range(0, conditions).Select(reader.EffectOf)];
}
