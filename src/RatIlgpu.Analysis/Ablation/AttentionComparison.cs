namespace RatIlgpu.Analysis;

/// <summary>How far back the heads of a layer look from one position, without a change and under conditions.</summary>
/// <remarks>The attention distributions of goodfire-ai/spd, pull request 403, with the differences paired by
/// sample.</remarks>
/// <param name="Layer">The layer.</param>
/// <param name="Samples">The samples, each up to its position.</param>
/// <param name="Conditions">The conditions.</param>
/// <param name="Heads">The heads of the layer.</param>
public sealed record AttentionComparison(
    int Layer,
    ValueArray<AblationSample> Samples,
    ValueArray<AblationCondition> Conditions,
    ValueArray<HeadDistances> Heads)
{
    /// <summary>Gets whether all positions are changed instead of that of the sample.</summary>
    public bool Everywhere { get; init; }

    /// <summary>Gets the largest distance.</summary>
    public int Most => Heads.IsEmpty ? 0 : Heads[0].Before.Length - 1;

    /// <summary>Runs a comparison of the conditions of a study.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples, at least one, with positions of at least <paramref name="most"/>.</param>
    /// <param name="options">What is taken away; null for the defaults.</param>
    /// <param name="layer">The layer whose heads are looked at; null for that of <see cref="LayerFor"/>.</param>
    /// <param name="most">The largest distance, at least 0.</param>
    /// <param name="progress">Told the share of the samples that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <inheritdoc cref="RunConditions" path="/exception"/>
    public static AttentionComparison Run(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        AblationOptions? options = null,
        int? layer = null,
        int most = 20,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        return RunConditions(
            model, samples, options.ConditionsFor(model), layer, most, options.Everywhere, progress, cancellation);
    }

    /// <summary>Runs a comparison.</summary>
    /// <remarks>Means and resamples are taken from the whole samples, as in a study, though nothing after t is looked
    /// at.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples, at least one, with positions of at least <paramref name="most"/>, and of at
    /// least 1 where components are taken out.</param>
    /// <param name="conditions">What is taken away at the position t of a sample, at least one condition; components
    /// of queries are taken out at t, those of keys at t − 1.</param>
    /// <param name="layer">The layer whose heads are looked at; null for that of <see cref="LayerFor"/>.</param>
    /// <param name="most">The largest distance, at least 0.</param>
    /// <param name="everywhere">Whether all positions are changed instead.</param>
    /// <param name="progress">Told the share of the samples that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">There is no sample or no condition, a position is less than the largest
    /// distance or beyond its sample, a condition or the layer does not fit the model, all positions are to be changed
    /// and a condition hides one, or one condition takes components out and another takes out something else or
    /// components of another layer.</exception>
    public static AttentionComparison RunConditions(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        ImmutableArray<AblationCondition> conditions,
        int? layer = null,
        int most = 20,
        bool everywhere = false,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        Check(model, conditions, everywhere);
        AblationStudy.Check(
            samples, new() { Kinds = [.. conditions.Select(condition => condition.Kind)] },
            conditions.Any(condition => condition.Components is not null) ? int.Max(1, most) : most);
        var config = model.Config;
        var watched = layer ?? LayerFor(model, conditions);
        if (watched < 0 || watched >= config.LayerCount)
            throw new ArgumentException($"Layer is {watched}, expected 0 to {config.LayerCount - 1}.");
        // Nothing after the position is read, except what is put in place; components are those of the sample itself.
        var whole = samples;
        samples = [.. samples.Select(sample => sample with { Ids = [.. sample.Ids.Take(sample.Position + 1)] })];
        var sources = AblationSources.For(
            model, conditions[0].Components is null ? whole : samples, conditions, cancellation);
        var maker = new ConditionMaker(model, samples, sources, everywhere);
        var found = Read(
            model, samples, watched, sources.Streams,
            place => [.. conditions.Select(condition => ChangesOf(condition, place))], progress, cancellation);

        return new(watched, [.. samples], [.. conditions], [
            .. Enumerable.Range(0, config.HeadCount).Select(head => Distances(
                new(watched, head), found, samples, conditions.Length, most)),
        ])
        { Everywhere = everywhere };

        ImmutableArray<Intervention> ChangesOf(AblationCondition condition, int place) =>
            condition.Components is { } components && !everywhere
                ? components.At(model, sources.Runs[place], [samples[place].Position], [samples[place].Position - 1])
                : maker.Make(condition, place);
    }

    /// <summary>Returns the place of the condition under which attention changes most: by the sum of the magnitudes of
    /// the mean differences, over heads and distances.</summary>
    public int MostChanged() => Enumerable.Range(0, Conditions.Length).MaxBy(condition => Heads.Sum(head =>
        head.Conditions[condition].Difference.Sum(one => double.IsFinite(one.Mean) ? Math.Abs(one.Mean) : 0)));

    /// <summary>Returns the layer whose heads are looked at where none is named: the first changed one where
    /// components are taken out, since its patterns change; else the one after it, or the last, since outputs and
    /// values leave the attention of their own layer as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="conditions">The conditions, at least one.</param>
    public static int LayerFor(Qwen2Model model, ImmutableArray<AblationCondition> conditions)
    {
        ArgumentNullException.ThrowIfNull(model);
        var first = conditions.Min(condition => condition.Layer);
        return conditions.Any(condition => condition.Components is not null)
            ? first
            : int.Min(first + 1, model.Config.LayerCount - 1);
    }

    static List<PositionReader> Read(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        int watched,
        ImmutableArray<KnownStream> known,
        Func<int, ImmutableArray<ImmutableArray<Intervention>>> changesOf,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var found = new List<PositionReader>();
        ConditionRuns.RunAll(
            model, [.. samples.Select(sample => sample.Ids.Length)],
            place =>
            {
                var (sample, changes) = (samples[place], changesOf(place));
                found.Add(new(model, sample.Position, changes.Length, watched));
                return new(sample.Ids.Items, changes, found[^1]) { Known = known.IsEmpty ? null : known[place] };
            },
            _ => { }, progress, cancellation);
        return found;
    }

    static void Check(Qwen2Model model, ImmutableArray<AblationCondition> conditions, bool everywhere)
    {
        if (conditions.IsDefaultOrEmpty)
            throw new ArgumentException("There is no condition, expected one or more.");
        foreach (var condition in conditions)
            condition.CheckFor(model, everywhere);
        if (conditions.FirstOrDefault(condition => condition.Components is not null) is not { Layer: var layer })
            return;
        foreach (var condition in conditions)
            if (condition.Components is null)
                throw new ArgumentException(
                    $"Conditions has {condition} among components: all take components out, or none.");
            else if (condition.Layer != layer)
                throw new ArgumentException(
                    FormattableString.Invariant($"Conditions has {condition} of layer {condition.Layer}, expected ")
                    + FormattableString.Invariant(
                        $"layer {layer}: components of one layer are taken out at a time."));
    }

    static HeadDistances Distances(
        HeadIndex head, List<PositionReader> found, ImmutableArray<AblationSample> samples, int conditions, int most)
    {
        return new(head, Over((read, at) => read(null, at)), [
            .. Enumerable.Range(0, conditions).Select(condition => new ChangedDistances(
                Over((read, at) => read(condition, at)), Over((read, at) => read(condition, at) - read(null, at)))),
        ]);

        ValueArray<MeanAndSpread> Over(Func<Func<int?, int, double>, int, double> of) =>
        [
            .. Enumerable.Range(0, most + 1).Select(distance => MeanAndSpread.Of(
                found.Select((reader, place) => (double?)of(
                    (condition, at) => Attention(reader, condition, head.Head, samples[place].Position, at),
                    distance)))),
        ];
    }

    static double Attention(PositionReader reader, int? condition, int head, int position, int distance) =>
        reader.Pattern(condition)[(head * (position + 1)) + position - distance];
}

/// <summary>How far back a head looks.</summary>
/// <param name="Head">The head.</param>
/// <param name="Before">The attention to the token at each distance, from 0, without a change, over the
/// samples.</param>
/// <param name="Conditions">The same under each condition.</param>
public sealed record HeadDistances(
    HeadIndex Head, ValueArray<MeanAndSpread> Before, ValueArray<ChangedDistances> Conditions);

/// <summary>How far back a head looks under a condition.</summary>
/// <param name="After">The attention to the token at each distance, from 0, over the samples.</param>
/// <param name="Difference">That less the attention without a change, sample by sample.</param>
public sealed record ChangedDistances(ValueArray<MeanAndSpread> After, ValueArray<MeanAndSpread> Difference)
{
    /// <summary>Gets the distance at which attention changes most.</summary>
    public int Largest => Difference.Index().MaxBy(one => Math.Abs(one.Item.Mean)).Index;
}
