using System.Numerics.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>One sweep over direct paths: the sources layer by layer; into each later layer, all paths of these sources
/// run together.</summary>
sealed class PathSweep(
    Qwen2Model model,
    PromptPair pair,
    HeadInput input,
    DirectPathOptions options,
    MetricReader metric,
    IReadOnlyList<HeadIndex> sources,
    IProgress<SweepProgress>? progress,
    PartialPatches? kept)
{
    readonly Qwen2Config config = model.Config;
    readonly ImmutableHashSet<int> asked = [.. pair.Resolve(options.Positions)];

    readonly ImmutableArray<int> layers =
        ActivationAxes.Resolve(options.DestinationLayers, model.Config.LayerCount, "destination layer");

    readonly Activation edited = options.Edited(input);

    readonly SeenKeys seenKeys = new(model);

    bool IsWholeLayer => options.Axes == PatchAxes.Layer;

    int DestinationHeads => ActivationAxes.HeadsOf(edited, config);

    // The destinations of a layer that are patched one by one.
    ImmutableArray<int> Destinations => IsWholeLayer
        ? [0]
        : options.DestinationHeads is { } chosen ? [.. chosen.Order()] : [.. Enumerable.Range(0, DestinationHeads)];

    /// <summary>Gets the number of patches.</summary>
    public long Count => Meter().Total;

    /// <summary>Runs the sweep: yields the grid of each source as soon as its layer is done.</summary>
    public IEnumerable<PatchGrid<PathTarget>> Run(CancellationToken cancellation)
    {
        var (from, to) = Layers(sources, options.DestinationLayers, config.LayerCount);
        var both = RunPair.Record(
            model,
            pair,
            metric,
            [.. from.Select(layer => new Site(Activation.HeadOutput, layer))],
            [.. to.SelectMany(layer => Read(options, config).Select(activation => new Site(activation, layer)))],
            cancellation);
        var meter = Meter();
        using var runs = new BranchRuns(model, both, options.MaxBatchRows, cancellation);
        var lengths = PatchLengths.Of(options.Axes, config.LayerCount, pair.Length, DestinationHeads);
        var choice = PatchChoice.Of(
            options.DestinationLayers, options.Positions, options.DestinationHeads, config.LayerCount, pair);
        foreach (var group in sources.GroupBy(source => source.Layer))
        {
            HeadIndex[] heads = [.. group];
            var values = heads.Select(_ => new double?[lengths.Shape.Count]).ToList();
            // Not made where an earlier run has measured all of the layer.
            var deltas = new Lazy<List<PathDeltas>>(() => [.. heads.Select(head => DeltasOf(both, head))]);
            foreach (var layer in LayersAfter(group.Key))
                foreach (var (source, head, value) in Measure(runs, heads.Length, deltas, layer, both, meter))
                {
                    values[source][lengths.IndexOf(IsWholeLayer ? new(layer) : new(layer, Head: head))] = value;
                    meter.Add(layer, value);
                }

            foreach (var (i, source) in heads.Index())
                yield return new(
                    new(source, input, options),
                    both,
                    lengths,
                    choice,
                    ImmutableCollectionsMarshal.AsImmutableArray(values[i]));
        }
    }

    SweepMeter Meter() => new(
        progress, config.LayerCount,
        [
            .. from source in sources
               from layer in LayersAfter(source.Layer)
               select (layer, (long)Destinations.Length),
        ],
        kept);

    IEnumerable<int> LayersAfter(int source) => layers.Where(layer => layer > source);

    PathDeltas DeltasOf(RunPair both, HeadIndex source) => new(model, both, source, options.Norm);

    /// <summary>Returns the layers of the sources that have destinations, and those of the destinations.</summary>
    public static (ImmutableArray<int> Sources, ImmutableArray<int> Destinations) Layers(
        IReadOnlyList<HeadIndex> sources, ValueArray<Index>? destinations, int layerCount)
    {
        var layers = ActivationAxes.Resolve(destinations, layerCount, "destination layer");
        ImmutableArray<int> from =
        [
            .. sources.Select(source => source.Layer).Distinct().Where(source => layers[^1] > source).Order(),
        ];
        return (from, from.IsEmpty ? [] : [.. layers.Where(layer => layer > from[0])]);
    }

    /// <summary>Returns what is read of the corrupted run in the layers of the destinations. Where keys are normed, the
    /// keys of a query head alone are replaced: a sum of normed keys is not the norm of a sum.</summary>
    public static ImmutableArray<Activation> Read(DirectPathOptions options, Qwen2Config config) =>
        config.NormsHeads && options.Edited(HeadInput.Key) == Activation.HeadKey
            ? [Activation.ResidualBefore, Activation.Key]
            : [Activation.ResidualBefore];

    // The paths of all sources of one layer into another.
    IEnumerable<(int Source, int Head, double Value)> Measure(
        BranchRuns runs, int count, Lazy<List<PathDeltas>> deltas, int layer, RunPair both, SweepMeter meter)
    {
        var start = new Site(Activation.ResidualBefore, layer);
        var paths = (
            from source in Enumerable.Range(0, count)
            from head in Destinations
            select (source, head)).ToList();
        var patches =
            from source in Enumerable.Range(0, count)
            from patch in Patches(both, deltas.Value[source].Into(layer, input), layer)
            select patch;
        return paths.Zip(
            runs.Measure(
                both.Corrupted[start], new(edited, layer), patches, paths.Count, meter.Known(paths.Count)),
            (path, value) => (path.source, path.head, value));
    }

    // The patches of one source; without edits if the source is the same in both runs.
    IEnumerable<List<RowEdit>> Patches(RunPair both, float[] delta, int layer)
    {
        if (delta.Length == 0)
            return Enumerable.Repeat(new List<RowEdit>(), Destinations.Length);
        var heads = Enumerable.Range(0, DestinationHeads);
        return IsWholeLayer
            ? [[.. heads.SelectMany(head => Edits(both, delta, layer, head))]]
            : Destinations.Select(head => Edits(both, delta, layer, head));
    }

    // Adds the change at every requested position.
    List<RowEdit> Edits(RunPair both, float[] delta, int layer, int head)
    {
        var positions = both.Positions;
        var (edits, size) = (new List<RowEdit>(), config.HeadSize);
        var heads = input == HeadInput.Query ? config.HeadCount : config.KeyValueHeadCount;
        var read = heads == DestinationHeads ? head : head / config.GroupSize;
        for (var i = 0; i < positions.Length; i++)
        {
            if (!asked.Contains(positions[i]))
                continue;
            var change = delta.AsMemory((i * heads + read) * size, size);
            edits.Add(edited == Activation.HeadKey
                ? KeyEdit(both, change.Span, positions[i], new(layer, read), head)
                : new(positions[i], head, RowEditKind.Add, change));
        }

        return edits;
    }

    // Rotation is linear, so the rotated change is the change of the rotated key. A norm is not linear: a key that is
    // normed is made anew.
    RowEdit KeyEdit(RunPair both, ReadOnlySpan<float> change, int position, HeadIndex key, int head)
    {
        var row = change.ToArray();
        if (config.NormsHeads)
            TensorPrimitives.Add(row, both.Corrupted[new(Activation.Key, key.Layer)].Row(position, key.Head), row);
        seenKeys.Make(key.Layer, position, row);
        return new(position, head, config.NormsHeads ? RowEditKind.Replace : RowEditKind.Add, row);
    }
}
