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
    /// <summary>Runs a comparison.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples, at least one, with positions of at least <paramref name="most"/>.</param>
    /// <param name="options">What is taken away at the position; null for the defaults.</param>
    /// <param name="layer">The layer whose heads are looked at; null for the one after the first changed one, or for
    /// the last: outputs and values that change leave the attention of their own layer as it is.</param>
    /// <param name="most">The largest distance, at least 0.</param>
    /// <param name="progress">Told the share of the samples that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">There is no sample, a position is less than the largest distance or beyond
    /// its sample, or an option does not fit the model.</exception>
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
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        options ??= new();
        var (config, conditions) = (model.Config, options.ConditionsFor(model));
        AblationStudy.Check(samples, options, most);
        var watched = layer ?? int.Min(conditions.Min(condition => condition.Layer) + 1, config.LayerCount - 1);
        if (watched < 0 || watched >= config.LayerCount)
            throw new ArgumentException($"Layer is {watched}, expected 0 to {config.LayerCount - 1}.");
        samples = [.. samples.Select(sample => sample with { Ids = [.. sample.Ids.Take(sample.Position + 1)] })];
        var sources = AblationSources.For(model, samples, conditions, cancellation);
        var maker = new ConditionMaker(model, samples, sources, options.Everywhere);
        var found = new List<PositionReader>();
        foreach (var (place, sample) in samples.Index())
        {
            found.Add(new(model, sample.Position, conditions.Length, watched));
            ConditionRuns.Run(
                model, sample.Ids.Items, [.. conditions.Select(condition => maker.Make(condition, place))], found[^1],
                sources.Streams.IsEmpty ? null : sources.Streams[place], cancellation);
            progress?.Report((place + 1.0) / samples.Length);
        }

        return new(watched, [.. samples], [.. conditions], [
            .. Enumerable.Range(0, config.HeadCount).Select(head => Distances(
                new(watched, head), found, samples, conditions.Length, most)),
        ]);
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
public sealed record ChangedDistances(ValueArray<MeanAndSpread> After, ValueArray<MeanAndSpread> Difference);
