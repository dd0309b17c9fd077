namespace RatIlgpu.Analysis;

/// <summary>Patches activations: runs the corrupted prompt with an activation, or a part of it, from the clean run, and
/// computes everything after it anew.</summary>
/// <param name="model">The model.</param>
/// <remarks>Vig et al., Investigating Gender Bias in Language Models Using Causal Mediation Analysis, 2020; Meng et
/// al., Locating and Editing Factual Associations in GPT, 2022.</remarks>
public sealed class ActivationPatching(Qwen2Model model)
{
    /// <summary>Gets the listener to the number of measured patches. Default: none.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Patches one activation in every layer, along the axes of the target.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="target">The activation, and the axes along which it is patched one by one.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <exception cref="ArgumentException">The target, the metric, a prompt or an option does not fit the
    /// model.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public PatchGrid<PatchTarget> Sweep(
        PromptPair pair,
        PatchTarget target,
        LogitMetric metric,
        ActivationPatchingOptions? options = null,
        CancellationToken cancellation = default) =>
        SweepOf(new(pair, metric), target, options ?? new(), Progress, null).Run(cancellation);

    /// <summary>Patches one activation in several pairs of prompts.</summary>
    /// <param name="cases">The pairs and their metrics, all of one kind.</param>
    /// <param name="target">The activation, and the axes along which it is patched one by one.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>The grid of each pair, equal to that of the pair alone, and mean and spread over the pairs.</returns>
    /// <exception cref="ArgumentException">There is no pair; the pairs differ in length, but the target has an axis of
    /// positions; the metrics are of several kinds; or the target, a metric, a prompt or an option does not fit the
    /// model.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public PatchBatch<PatchTarget> SweepPairs(
        IReadOnlyList<PatchCase> cases,
        PatchTarget target,
        ActivationPatchingOptions? options = null,
        CancellationToken cancellation = default) =>
        SweepPairs(cases, target, options, null, cancellation);

    /// <summary>Patches one activation in several pairs of prompts, and goes on where an earlier run was
    /// stopped.</summary>
    /// <param name="cases">The pairs and their metrics, all of one kind.</param>
    /// <param name="target">The activation, and the axes along which it is patched one by one.</param>
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
    public PatchBatch<PatchTarget> SweepPairs(
        IReadOnlyList<PatchCase> cases,
        PatchTarget target,
        ActivationPatchingOptions? options,
        PartialPatches? kept,
        CancellationToken cancellation = default)
    {
        PatchBatch<PatchTarget>.Check(cases, target.Axes);
        options ??= new();
        // Every pair is checked before the first one runs.
        ImmutableArray<ActivationSweep> sweeps =
        [
            .. cases.Select((one, place) =>
                SweepOf(one, target, options, SweepMeter.Part(Progress, place, cases.Count), kept)),
        ];
        kept?.Begin(PatchSource.Of(model, cases, target, options), sweeps.Sum(sweep => sweep.Count));
        return new([.. sweeps.Select(sweep => sweep.Run(cancellation))]);
    }

    /// <summary>Returns the captures of a recorded run that a sweep reads instead of running the prompt
    /// (<see cref="PromptPair.CleanRun"/>, <see cref="PromptPair.CorruptedRun"/>). With these and no other captures the
    /// results have the same bits.</summary>
    /// <param name="target">The activation.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="layers">The layers to patch, <c>^1</c> for the last; null for all.</param>
    public static ImmutableArray<Capture> Captures(
        PatchTarget target, LogitMetric metric, ValueArray<Index>? layers = null) =>
        ActivationSweep.Captures(target, metric, layers);

    /// <summary>Patches the head outputs, queries, keys, values and patterns, head by head.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="byPosition">True if positions are patched one by one.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>Five grids in this order; those of keys and values are over key/value heads.</returns>
    /// <inheritdoc cref="Sweep" path="/exception"/>
    public ImmutableArray<PatchGrid<PatchTarget>> SweepHeads(
        PromptPair pair,
        LogitMetric metric,
        bool byPosition = false,
        ActivationPatchingOptions? options = null,
        CancellationToken cancellation = default)
    {
        var axes = PatchAxes.Head | (byPosition ? PatchAxes.Position : PatchAxes.Layer);
        Activation[] activations =
            [Activation.HeadOutput, Activation.Query, Activation.Key, Activation.Value, Activation.Pattern];
        return [.. activations.Select(one => Sweep(pair, new(one, axes), metric, options, cancellation))];
    }

    /// <summary>Patches the stream before each layer and the outputs of its attention and MLP, position by
    /// position.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <returns>Three grids in this order.</returns>
    /// <inheritdoc cref="Sweep" path="/exception"/>
    public ImmutableArray<PatchGrid<PatchTarget>> SweepStreams(
        PromptPair pair,
        LogitMetric metric,
        ActivationPatchingOptions? options = null,
        CancellationToken cancellation = default)
    {
        Activation[] activations = [Activation.ResidualBefore, Activation.AttentionOutput, Activation.MlpOutput];
        return
        [
            .. activations.Select(one => Sweep(pair, new(one, PatchAxes.Position), metric, options, cancellation)),
        ];
    }

    // Checks the arguments; nothing runs yet.
    ActivationSweep SweepOf(
        PatchCase one,
        PatchTarget target,
        ActivationPatchingOptions options,
        IProgress<SweepProgress>? progress,
        PartialPatches? kept)
    {
        target.Check(model.Config);
        options.Check(target, model.Config);
        var reader = new MetricReader(model, one.Metric, one.Pair.Length, one.Pair.AttentionMask);
        return new(model, one.Pair, target, reader, options, progress, kept);
    }
}

/// <summary>The options of activation patching; change them with <c>with</c>.</summary>
public sealed record ActivationPatchingOptions
{
    /// <summary>Gets the layers to patch, <c>^1</c> for the last. Default: null, all.</summary>
    public ValueArray<Index>? Layers { get; init; }

    /// <summary>Gets the positions to patch, <c>^1</c> for the last; of a pattern, the queries. Default: null, all that
    /// are not padding.</summary>
    public ValueArray<Index>? Positions { get; init; }

    /// <summary>Gets the heads to patch, counted as on the head axis of the grid; the activation must have heads.
    /// Default: null, all.</summary>
    public ValueArray<int>? Heads { get; init; }

    /// <summary>Gets the most rows computed at once. More rows take more memory; they are faster up to some hundreds.
    /// Default: 1,024.</summary>
    public int MaxBatchRows { get; init; } = 1024;

    /// <summary>Throws if an option is out of its range or does not fit the target.</summary>
    internal void Check(PatchTarget target, Qwen2Config config)
    {
        if (MaxBatchRows < 1)
            throw new ArgumentOutOfRangeException(
                nameof(MaxBatchRows), $"MaxBatchRows is {MaxBatchRows}, expected at least 1.");
        if (Heads is { } heads)
            ActivationAxes.CheckHeads(target.Scope.Seen(target.Activation), heads, config);
    }
}
