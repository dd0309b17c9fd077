namespace RatIlgpu.Analysis;

/// <summary>Asks whether taking heads away already takes away what they read from the token before: whether removing
/// that token's values besides changes anything more.</summary>
/// <remarks>The previous-token redundancy test and the offset sweep of goodfire-ai/spd, pull request 403. A are the
/// heads at position t, or components of the layer: those of queries at t, those of keys at <c>t − 1</c>. B are the
/// values at an earlier position, of all heads of the layer or of some. Components are subtracted from the weights as
/// they are, with what the components leave over.</remarks>
public static class RedundancyStudy
{
    /// <summary>Runs the test at <c>t − 1</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples, at least one, with positions t of at least 1.</param>
    /// <param name="heads">The heads A, of one layer.</param>
    /// <param name="valueHeads">The heads whose values are removed in B; null for those of A.</param>
    /// <param name="components">The components A; the heads then only say whose values are removed. Null for the
    /// heads.</param>
    /// <param name="progress">Told the share of the samples that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">A head is not there, the heads are of several layers, or a position is
    /// 0.</exception>
    public static RedundancyReport Run(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        ValueArray<HeadIndex> heads,
        ValueArray<HeadIndex>? valueHeads = null,
        AblatedComponents? components = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var layer = LayerOf(model.Config, heads);
        var some = valueHeads is { IsEmpty: false } given ? given : heads;
        if (LayerOf(model.Config, some) != layer)
            throw new ArgumentException(
                $"The values are of layer {some[0].Layer}, expected {layer}, that of the heads.");
        AblationStudy.Check(samples, new(), 1);
        CheckLayer(model, layer, components);
        var compared = new List<ComparedOutputs>();
        ReadAll(
            model, samples,
            sample =>
            {
                var t = sample.Position;
                var a = Removed(model, heads, components, sample, cancellation);
                var (all, own) = (Values(model, layer, null, t - 1), Values(model, layer, some, t - 1));
                return [a, [all], [own], [.. a, all], [.. a, own]];
            },
            read =>
            {
                foreach (var (comparison, (before, after)) in Comparisons)
                    for (var at = layer; at < model.Config.LayerCount; at++)
                        compared.Add(new(
                            comparison, at, OutputChange.Of(read.Output(at, before), read.Output(at, after))));
            },
            progress, cancellation);
        return new(heads, some, [.. samples], [
            .. compared.GroupBy(one => (one.Comparison, one.Layer)).Select(group => new RedundancyComparison(
                group.Key.Comparison, group.Key.Layer,
                MeanAndSpread.Of(group.Select(one => one.Change.Projection)),
                MeanAndSpread.Of(group.Select(one => one.Change.Cosine)))),
        ])
        {
            Components = components,
        };
    }

    /// <summary>Runs the sweep: B at <c>t − 1</c> to <c>t − most</c>, alone and with A.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples, at least one, with positions t of at least <paramref name="most"/>.</param>
    /// <param name="heads">The heads A, of one layer.</param>
    /// <param name="most">The largest offset, at least 1.</param>
    /// <param name="components">The components A; the heads then only name the layer. Null for the heads.</param>
    /// <param name="progress">Told the share of the samples that are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">A head is not there, the heads are of several layers, or a position is less
    /// than the largest offset.</exception>
    public static OffsetSweep Sweep(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        ValueArray<HeadIndex> heads,
        int most,
        AblatedComponents? components = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var layer = LayerOf(model.Config, heads);
        AblationStudy.Check(samples, new(), most);
        CheckLayer(model, layer, components);
        var (layers, found) = (model.Config.LayerCount - layer, new List<PositionReader>());
        ReadAll(
            model, samples,
            sample =>
            {
                var a = Removed(model, heads, components, sample, cancellation);
                var values = Enumerable.Range(1, most).Select(offset =>
                    Values(model, layer, null, sample.Position - offset)).ToList();
                return [a, .. values.Select(b => ImmutableArray.Create(b)), .. values.Select(b => a.Add(b))];
            },
            found.Add, progress, cancellation);
        return new(heads, [.. samples], [.. Enumerable.Range(layer, layers).Select(at => new SweepOfLayer(
            at, Over(at, 0),
            [.. Enumerable.Range(1, most).Select(offset => new SweepPoint(
                offset, Over(at, offset), Over(at, most + offset)))]))])
        {
            Components = components,
        };

        MeasuredOutput Over(int at, int condition)
        {
            var changes = found.Select(read => OutputChange.Of(read.Output(at, null), read.Output(at, condition)))
                .ToList();
            return new(
                MeanAndSpread.Of(changes.Select(change => change.Projection)),
                MeanAndSpread.Of(changes.Select(change => change.Cosine)));
        }
    }

    // What a comparison is of: the places of the conditions; null for the run without a change.
    static readonly ImmutableArray<(RedundancyPair, (int? Before, int? After))> Comparisons =
    [
        (RedundancyPair.Heads, (null, 0)),
        (RedundancyPair.Values, (null, 1)),
        (RedundancyPair.OwnValues, (null, 2)),
        (RedundancyPair.Both, (null, 3)),
        (RedundancyPair.BothOwn, (null, 4)),
        (RedundancyPair.ValuesAfterHeads, (0, 3)),
        (RedundancyPair.OwnValuesAfterHeads, (0, 4)),
    ];

    readonly record struct ComparedOutputs(RedundancyPair Comparison, int Layer, OutputChange Change);

    // What comes after t changes nothing at t.
    static void ReadAll(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        Func<AblationSample, ImmutableArray<ImmutableArray<Intervention>>> conditionsOf,
        Action<PositionReader> read,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var running = new Queue<PositionReader>();
        ConditionRuns.RunAll(
            model, [.. samples.Select(sample => sample.Position + 1)],
            place =>
            {
                var (sample, conditions) = (samples[place], conditionsOf(samples[place]));
                var reader = new PositionReader(model, sample.Position, conditions.Length);
                running.Enqueue(reader);
                return new(sample.Ids.Items[..(sample.Position + 1)], conditions, reader);
            },
            _ => read(running.Dequeue()), progress, cancellation);
    }

    static ImmutableArray<Intervention> Removed(
        Qwen2Model model,
        ValueArray<HeadIndex> heads,
        AblatedComponents? components,
        AblationSample sample,
        CancellationToken cancellation)
    {
        var t = sample.Position;
        if (components is null)
            return
            [
                Intervention.Zero(InterventionTarget.At(
                    model, Activation.HeadOutput, heads[0].Layer, [.. heads.Select(head => head.Head)], [t])),
            ];
        var read = new Capture(Activation.AttentionInput) { Layers = [components.Layer] };
        var run = new Recorder(model).Record(
            sample.Ids.AsSpan()[..(t + 1)], [read], cancellation: cancellation);
        return components.At(model, run, [t], [t - 1]);
    }

    static void CheckLayer(Qwen2Model model, int layer, AblatedComponents? components)
    {
        components?.CheckFor(model);
        if (components is not null && components.Layer != layer)
            throw new ArgumentException(
                $"The components are of layer {components.Layer}, expected {layer}, that of the heads.");
    }

    static Intervention Values(Qwen2Model model, int layer, ValueArray<HeadIndex>? heads, int position) =>
        Intervention.Zero(InterventionTarget.At(
            model, Activation.Value, layer, heads is { } some ? [.. some.Select(head => head.Head)] : null, [position],
            heads is null ? KeyValueScope.KeyValueGroup : KeyValueScope.QueryHead));

    static int LayerOf(Qwen2Config config, ValueArray<HeadIndex> heads)
    {
        var all = new AblationOptions { Heads = heads, Together = true }.HeadsOf(config);
        return !heads.IsEmpty && all[0].Layer == all[^1].Layer
            ? all[0].Layer
            : throw new ArgumentException(
                $"The heads are {string.Join(", ", heads)}, expected one or more, of one layer.");
    }
}
