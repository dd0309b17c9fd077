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
        return SweepOf([source], pair, input, metric, options, cancellation).Single();
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
        CancellationToken cancellation = default)
    {
        HeadIndex[] sources =
        [
            .. from layer in Enumerable.Range(0, model.Config.LayerCount)
               from head in Enumerable.Range(0, model.Config.HeadCount)
               select new HeadIndex(layer, head),
        ];
        return SweepOf(sources, pair, input, metric, options, cancellation);
    }

    // Not an iterator: wrong arguments are refused at the call.
    IEnumerable<PatchGrid<PathTarget>> SweepOf(
        HeadIndex[] sources,
        PromptPair pair,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options,
        CancellationToken cancellation)
    {
        options ??= new();
        options.Check(model.Config.LayerCount);
        if (!Enum.IsDefined(input))
            throw new ArgumentOutOfRangeException(nameof(input), $"{input} is no input of a head.");
        ActivationAxes.Resolve(options.Positions, pair.Length, "position");
        var reader = new MetricReader(model, metric, pair.Length);
        return new PathSweep(model, pair, input, options, reader, sources, Progress).Run(cancellation);
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

    /// <summary>Gets how the change goes through the norm of the destination. Default: with the RMS of the corrupted
    /// run.</summary>
    public NormTreatment Norm { get; init; } = NormTreatment.FrozenScale;

    /// <summary>Gets the positions at which the source's change is patched in, <c>^1</c> for the last. Default: null,
    /// all.</summary>
    public ValueArray<Index>? Positions { get; init; }

    /// <summary>Gets the layers of the destinations. Default: all after the source.</summary>
    public Range DestinationLayers { get; init; } = Range.All;

    /// <summary>Gets the most rows computed at once. More rows take more memory; they are faster up to some hundreds.
    /// Default: 1,024.</summary>
    public int MaxBatchRows { get; init; } = 1024;

    /// <summary>Throws if an option is out of its range.</summary>
    internal void Check(int layerCount)
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
        var (start, end) = (DestinationLayers.Start.GetOffset(layerCount), DestinationLayers.End.GetOffset(layerCount));
        if (start < 0 || end > layerCount || start >= end)
            throw new ArgumentOutOfRangeException(
                nameof(DestinationLayers),
                $"Destination layers {DestinationLayers} asked, the model has layers 0 to {layerCount - 1}.");
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
