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
        CancellationToken cancellation = default)
    {
        options ??= new();
        target.Check(model.Config);
        if (options.MaxBatchRows < 1)
            throw new ArgumentOutOfRangeException(
                nameof(options), $"MaxBatchRows is {options.MaxBatchRows}, expected at least 1.");
        var layers = ActivationAxes.Resolve(options.Layers, model.Config.LayerCount, "layer");
        var sweep = new ActivationSweep(model, pair, target, new(model, metric, pair.Length), layers, Progress);
        return sweep.Run(options.MaxBatchRows, cancellation);
    }

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
}

/// <summary>The options of activation patching; change them with <c>with</c>.</summary>
public sealed record ActivationPatchingOptions
{
    /// <summary>Gets the layers to patch, <c>^1</c> for the last. Default: null, all.</summary>
    public ValueArray<Index>? Layers { get; init; }

    /// <summary>Gets the most rows computed at once. More rows take more memory; they are faster up to some hundreds.
    /// Default: 1,024.</summary>
    public int MaxBatchRows { get; init; } = 1024;
}
