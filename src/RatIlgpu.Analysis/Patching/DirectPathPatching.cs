using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Patches direct paths: what one head writes more in the clean run than in the corrupted one is put into the
/// query, key or value of one later head, and nothing else, and everything behind that head is computed anew.</summary>
/// <param name="model">The model.</param>
/// <remarks>Wang et al., Interpretability in the Wild, 2022, with the direct paths of TransformerLens. The change is
/// put in where the destination reads, so nothing between the two heads has to be frozen.</remarks>
public sealed class DirectPathPatching(Qwen2Model model)
{
    /// <summary>Gets who is told how many patches are measured. Default: nobody.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Patches the paths from one head to every later one.</summary>
    /// <param name="pair">The prompts.</param>
    /// <param name="source">The head.</param>
    /// <param name="input">Through what the destinations read it.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops the sweep.</param>
    /// <exception cref="ArgumentException">The source, the metric, a prompt or an option does not fit the
    /// model.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public PathPatchMap Sweep(
        PromptPair pair,
        HeadIndex source,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default)
    {
        source.Check(model.Config.LayerCount, model.Config.HeadCount);
        options ??= new();
        return MapOf(Sweep(pair, [source], input, metric, options, false, cancellation).Single(), input, options);
    }

    /// <summary>Patches the paths from every head to every later one; a map for each source, in their order, as soon as
    /// it is there.</summary>
    /// <inheritdoc cref="Sweep(PromptPair, HeadIndex, HeadInput, LogitMetric, DirectPathOptions?, CancellationToken)"/>
    public IEnumerable<PathPatchMap> SweepAll(
        PromptPair pair,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        return Sweep(pair, Heads(), input, metric, options, false, cancellation)
            .Select(found => MapOf(found, input, options));
    }

    /// <summary>Patches the paths from one head to all heads of a later layer at once, layer by layer.
    /// <see cref="DirectPathOptions.Scope"/> has no meaning here.</summary>
    /// <inheritdoc cref="Sweep(PromptPair, HeadIndex, HeadInput, LogitMetric, DirectPathOptions?, CancellationToken)"/>
    public LayerPatchMap SweepLayers(
        PromptPair pair,
        HeadIndex source,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default)
    {
        source.Check(model.Config.LayerCount, model.Config.HeadCount);
        options ??= new();
        return LayersOf(Sweep(pair, [source], input, metric, options, true, cancellation).Single(), input, options);
    }

    /// <summary>Patches the paths from every head to all heads of a later layer at once, layer by layer; a map for each
    /// source, in their order, as soon as it is there. <see cref="DirectPathOptions.Scope"/> has no meaning
    /// here.</summary>
    /// <inheritdoc cref="Sweep(PromptPair, HeadIndex, HeadInput, LogitMetric, DirectPathOptions?, CancellationToken)"/>
    public IEnumerable<LayerPatchMap> SweepAllLayers(
        PromptPair pair,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        return Sweep(pair, Heads(), input, metric, options, true, cancellation)
            .Select(found => LayersOf(found, input, options));
    }

    static LayerPatchMap LayersOf(PathValues found, HeadInput input, DirectPathOptions options) => new(
        found.Source,
        input,
        options.Norm,
        found.Clean,
        found.Corrupted,
        found.Metrics.ToImmutableSortedDictionary(one => one.Key.Layer, one => one.Value));

    static PathPatchMap MapOf(PathValues found, HeadInput input, DirectPathOptions options) =>
        new(found.Source, input, options.Norm, options.Scope, found.Clean, found.Corrupted, found.Metrics);

    HeadIndex[] Heads() =>
    [
        .. from layer in Enumerable.Range(0, model.Config.LayerCount)
           from head in Enumerable.Range(0, model.Config.HeadCount)
           select new HeadIndex(layer, head),
    ];

    // Not an iterator: what is wrong is said at the call.
    IEnumerable<PathValues> Sweep(
        PromptPair pair,
        HeadIndex[] sources,
        HeadInput input,
        LogitMetric metric,
        DirectPathOptions options,
        bool wholeLayers,
        CancellationToken cancellation)
    {
        options.Check(model.Config.LayerCount);
        if (!Enum.IsDefined(input))
            throw new ArgumentOutOfRangeException(nameof(input), $"{input} is no input of a head.");
        Axes.Resolve(options.Positions, pair.Length, "position");
        var reader = new MetricReader(model, metric, pair.Length);
        var sweep = new PathSweep(model, pair, input, options, reader, sources, wholeLayers, Progress);
        return sweep.Run(cancellation);
    }
}
