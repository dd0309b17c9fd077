namespace RatIlgpu.Analysis;

/// <summary>Patches direct paths: adds to the query, key or value of a later head how much more one head writes in the
/// clean run than in the corrupted one, and computes everything after that head anew.</summary>
/// <param name="model">The model.</param>
/// <remarks>Wang et al., Interpretability in the Wild, 2022, with the direct paths of TransformerLens. The change is
/// added where the destination reads, so nothing between the two heads has to be frozen. The effect of a path into all
/// heads of a layer (<see cref="DirectPathOptions.Axes"/>) is not the sum of the effects of the paths into each: heads
/// that do the same work back each other up.</remarks>
public sealed class DirectPathPatching(Qwen2Model model)
{
    /// <summary>Gets the listener to the number of measured patches. Default: none.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Patches the paths from one head to all later ones.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="source">The head.</param>
    /// <param name="input">The input through which the destinations read it.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>A grid over layers and heads, or over layers alone; null where no path leads.</returns>
    /// <exception cref="ArgumentException">The source, the metric, a prompt or an option does not fit the
    /// model.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public PatchGrid<PathTarget> Sweep(
        PromptPair pair,
        HeadIndex source,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default)
    {
        source.Check(model.Config.LayerCount, model.Config.HeadCount);
        return SweepOf([source], new(pair, metric), input, options, Progress).Run(cancellation).Single();
    }

    /// <summary>Patches the paths from every head to all later ones, while the result is enumerated: each enumeration
    /// runs the model again. To keep the grids, put them into a list.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="input">The input through which the destinations read a source.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>A grid for each source, in the order of the heads; those of one layer come as soon as that layer is
    /// done.</returns>
    /// <exception cref="ArgumentException">The metric, a prompt or an option does not fit the model; thrown at the
    /// call.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public IEnumerable<PatchGrid<PathTarget>> SweepAll(
        PromptPair pair,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default) =>
        SweepOf(AllHeads, new(pair, metric), input, options, Progress).Run(cancellation);

    /// <summary>Patches the paths from some heads to all later ones, while the result is enumerated: each enumeration
    /// runs the model again. To keep the grids, put them into a list.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="sources">The heads, each once; at least one.</param>
    /// <param name="input">The input through which the destinations read a source.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>A grid for each source, in ascending order of their layers, in the given order within a layer; those of
    /// one layer come as soon as that layer is done.</returns>
    /// <exception cref="ArgumentException">There is no source, or one is given twice; a source, the metric, a prompt or
    /// an option does not fit the model; thrown at the call.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public IEnumerable<PatchGrid<PathTarget>> SweepAll(
        PromptPair pair,
        ValueArray<HeadIndex> sources,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default) =>
        SweepOf(Checked(sources), new(pair, metric), input, options, Progress).Run(cancellation);

    /// <summary>Patches the paths from some heads to all later ones in several pairs of prompts.</summary>
    /// <param name="cases">The pairs and their metrics, all of one kind; the pairs may differ in length.</param>
    /// <param name="sources">The heads, each once; null for all.</param>
    /// <param name="input">The input through which the destinations read a source.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>For each source, the grid of each pair, equal to that of the pair alone, and mean and spread over the
    /// pairs.</returns>
    /// <exception cref="ArgumentException">There is no pair or no source, or a source is given twice; the metrics are
    /// of several kinds; or a source, a metric, a prompt or an option does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public ImmutableArray<PatchBatch<PathTarget>> SweepPairs(
        IReadOnlyList<PatchCase> cases,
        ValueArray<HeadIndex>? sources,
        HeadInput input,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default) =>
        SweepPairs(cases, sources, input, options, null, cancellation);

    /// <summary>Patches the paths from some heads to all later ones in several pairs of prompts, and goes on where an
    /// earlier run was stopped.</summary>
    /// <param name="cases">The pairs and their metrics, all of one kind; the pairs may differ in length.</param>
    /// <param name="sources">The heads, each once; null for all.</param>
    /// <param name="input">The input through which the destinations read a source.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="kept">The patches that an earlier run of the same sweep measured, which are not measured again.
    /// Each new one is added to them before it is reported. Null for none.</param>
    /// <param name="cancellation">Stops the sweep; what was measured is in <paramref name="kept"/>.</param>
    /// <returns>As of the sweep without kept patches, with the same bits.</returns>
    /// <exception cref="ArgumentException">As of the sweep without kept patches; or there are kept patches, and a
    /// metric is a function of one's own.</exception>
    /// <exception cref="InvalidDataException">The kept patches are of another sweep, model, device or version of the
    /// program.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public ImmutableArray<PatchBatch<PathTarget>> SweepPairs(
        IReadOnlyList<PatchCase> cases,
        ValueArray<HeadIndex>? sources,
        HeadInput input,
        DirectPathOptions? options,
        PartialPatches? kept,
        CancellationToken cancellation = default)
    {
        options ??= new();
        PatchBatch<PathTarget>.Check(cases, options.Axes);
        var heads = sources is { } some ? Checked(some) : AllHeads;
        // Every pair is checked before the first one runs; a sweep that is kept would keep its runs.
        var total = cases.Sum(one => SweepOf(heads, one, input, options, null).Count);
        kept?.Begin(PatchSource.Of(model, cases, heads, input, options), total);
        var grids = cases.Select((one, place) =>
            SweepOf(heads, one, input, options, SweepMeter.Part(Progress, place, cases.Count), kept)
                .Run(cancellation).ToList()).ToList();
        return
        [
            .. Enumerable.Range(0, heads.Length)
                .Select(source => new PatchBatch<PathTarget>([.. grids.Select(pair => pair[source])])),
        ];
    }

    /// <summary>Returns the captures of a recorded run that a sweep reads instead of running the prompt
    /// (<see cref="PromptPair.CleanRun"/>, <see cref="PromptPair.CorruptedRun"/>). With these and no other captures the
    /// results have the same bits.</summary>
    /// <param name="metric">The number to measure.</param>
    /// <param name="sources">The heads; null for all.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">A source or the layers of the destinations do not fit the
    /// model.</exception>
    public ImmutableArray<Capture> Captures(
        LogitMetric metric, ValueArray<HeadIndex>? sources = null, DirectPathOptions? options = null)
    {
        var (from, to) = PathSweep.Layers(
            sources is { } some ? Checked(some) : AllHeads, options?.DestinationLayers, model.Config.LayerCount);
        return from.IsEmpty
            ? [metric.ReadCapture]
            :
            [
                new(Activation.HeadOutput) { Layers = [.. from.Select(layer => (Index)layer)] },
                .. PathSweep.Read(options ?? new(), model.Config).Select(activation =>
                    new Capture(activation) { Layers = [.. to.Select(layer => (Index)layer)] }),
                metric.ReadCapture,
            ];
    }

    HeadIndex[] AllHeads =>
    [
        .. from layer in Enumerable.Range(0, model.Config.LayerCount)
           from head in Enumerable.Range(0, model.Config.HeadCount)
           select new HeadIndex(layer, head),
    ];

    HeadIndex[] Checked(ValueArray<HeadIndex> sources)
    {
        if (sources.IsEmpty)
            throw new ArgumentException("There is no source: at least one head is needed.");
        if (sources.Distinct().Count() != sources.Length)
            throw new ArgumentException($"A source is given twice: {string.Join(", ", sources)}.");
        foreach (var source in sources)
            source.Check(model.Config.LayerCount, model.Config.HeadCount);
        return [.. sources.OrderBy(source => source.Layer)];
    }

    // Checks the arguments; nothing runs yet.
    PathSweep SweepOf(
        HeadIndex[] sources,
        PatchCase one,
        HeadInput input,
        DirectPathOptions? options,
        IProgress<SweepProgress>? progress,
        PartialPatches? kept = null)
    {
        options ??= new();
        if (!Enum.IsDefined(input))
            throw new ArgumentOutOfRangeException(nameof(input), $"{input} is no input of a head.");
        options.Check(model.Config, input);
        one.Pair.Resolve(options.Positions);
        var reader = new MetricReader(model, one.Metric, one.Pair.Length, one.Pair.AttentionMask);
        return new(model, one.Pair, input, options, reader, sources, progress, kept);
    }
}

/// <summary>The paths of one sweep: from one head to the inputs of later heads.</summary>
/// <param name="Source">The head whose change is patched in.</param>
/// <param name="Input">The input through which the destinations read it.</param>
/// <param name="Options">How the paths were patched.</param>
public sealed record PathTarget(HeadIndex Source, HeadInput Input, DirectPathOptions Options);

/// <summary>The options of direct path patching; change them with <c>with</c>.</summary>
public sealed record DirectPathOptions
{
    /// <summary>Gets the destinations: each head (<see cref="PatchAxes.Head"/>, the default), or all heads of a later
    /// layer at once (<see cref="PatchAxes.Layer"/>).</summary>
    public PatchAxes Axes { get; init; } = PatchAxes.Head;

    /// <summary>Gets the query heads that see a patched key or value; it has no meaning where all heads of a layer are
    /// patched at once. With <see cref="KeyValueScope.KeyValueGroup"/>, destinations are key/value heads. Default: one
    /// query head alone.</summary>
    public KeyValueScope Scope { get; init; } = KeyValueScope.QueryHead;

    /// <summary>Gets how the change goes through the norm of the destination's layer; a norm of queries or keys is
    /// always computed anew. Default: with the RMS of the corrupted run.</summary>
    public NormTreatment Norm { get; init; } = NormTreatment.FrozenScale;

    /// <summary>Gets the positions at which the source's change is patched in, <c>^1</c> for the last. Default: null,
    /// all.</summary>
    public ValueArray<Index>? Positions { get; init; }

    /// <summary>Gets the layers of the destinations, <c>^1</c> for the last; those up to the source's are left out.
    /// Default: null, all after the source.</summary>
    public ValueArray<Index>? DestinationLayers { get; init; }

    /// <summary>Gets the heads of the destinations in each of these layers; with
    /// <see cref="KeyValueScope.KeyValueGroup"/>, key/value heads. Must be null where all heads of a layer are patched
    /// at once. Default: null, all.</summary>
    public ValueArray<int>? DestinationHeads { get; init; }

    /// <summary>Gets the most rows computed at once. More rows take more memory; they are faster up to some hundreds.
    /// Default: 1,024.</summary>
    public int MaxBatchRows { get; init; } = 1024;

    /// <summary>Throws if an option is out of its range.</summary>
    internal void Check(Qwen2Config config, HeadInput input)
    {
        if (!Enum.IsDefined(Scope) || !Enum.IsDefined(Norm))
            throw new ArgumentOutOfRangeException(
                nameof(Scope), $"{Scope}, {Norm}: no such scope or treatment of the norm.");
        if (Axes is not (PatchAxes.Head or PatchAxes.Layer))
            throw new ArgumentOutOfRangeException(
                nameof(Axes), $"Axes is {Axes}: paths lead to a Head or to a whole Layer.");
        if (MaxBatchRows < 1)
            throw new ArgumentOutOfRangeException(
                nameof(MaxBatchRows), $"MaxBatchRows is {MaxBatchRows}, expected at least 1.");
        ActivationAxes.Resolve(DestinationLayers, config.LayerCount, "destination layer");
        if (DestinationHeads is not { } heads)
            return;
        if (Axes == PatchAxes.Layer)
            throw new ArgumentException(
                "Destination heads are chosen, but all heads of a layer are patched at once: patch by Head.");
        ActivationAxes.CheckHeads(Edited(input), heads, config);
    }

    /// <summary>Returns the activation to patch: shared by the group, or the copy of one query head. If all heads see
    /// the change, their shared key or value is changed once.</summary>
    internal Activation Edited(HeadInput input)
    {
        var isShared = Axes == PatchAxes.Layer || Scope == KeyValueScope.KeyValueGroup;
        return (isShared ? KeyValueScope.KeyValueGroup : KeyValueScope.QueryHead).Seen(input switch
        {
            HeadInput.Query => Activation.Query,
            HeadInput.Key => Activation.Key,
            _ => Activation.Value,
        });
    }
}

/// <summary>The input through which a head reads the stream.</summary>
public enum HeadInput
{
    /// <summary>The query input: the stream as read by W_Q.</summary>
    Query,

    /// <summary>The key input: the stream as read by W_K.</summary>
    Key,

    /// <summary>The value input: the stream as read by W_V.</summary>
    Value,
}

/// <summary>How a change of the stream goes through the norm of the layer that reads it.</summary>
public enum NormTreatment
{
    /// <summary>Divides by the RMS of the unchanged stream. Effects of several sources then add up, but a change of the
    /// RMS itself is left out.</summary>
    FrozenScale,

    /// <summary>Subtracts the norm of the unchanged stream from the norm of the changed one.</summary>
    Recomputed,
}
