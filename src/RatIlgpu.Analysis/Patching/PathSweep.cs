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
    IProgress<SweepProgress>? progress)
{
    readonly Qwen2Config config = model.Config;
    readonly Rotation rotation = new(model.Config);

    readonly ImmutableHashSet<int> asked = [.. ActivationAxes.Resolve(options.Positions, pair.Length, "position")];

    bool IsWholeLayer => options.Axes == PatchAxes.Layer;

    // If all heads see the change, their shared key or value is changed once.
    bool IsShared =>
        input != HeadInput.Query && (IsWholeLayer || options.Scope == KeyValueScope.KeyValueGroup);

    int DestinationHeads => IsShared ? config.KeyValueHeadCount : config.HeadCount;

    int DestinationsOfLayer => IsWholeLayer ? 1 : DestinationHeads;

    // The activation to patch: shared by the group, or the copy of one query head.
    Activation Edited => (IsShared ? KeyValueScope.KeyValueGroup : KeyValueScope.QueryHead).Seen(input switch
    {
        HeadInput.Query => Activation.Query,
        HeadInput.Key => Activation.Key,
        _ => Activation.Value,
    });

    /// <summary>Runs the sweep: yields the grid of each source as soon as its layer is done.</summary>
    public IEnumerable<PatchGrid<PathTarget>> Run(CancellationToken cancellation)
    {
        var both = RunPair.Record(
            model, pair, metric, Sites(Activation.HeadOutput), Sites(Activation.ResidualBefore), cancellation);
        var paths = sources.Sum(source => LayersAfter(source.Layer).Count() * (long)DestinationsOfLayer);
        var meter = new SweepMeter(progress, paths);
        using var runs = new BranchRuns(
            model, pair, metric, both.CorruptedMetric, options.MaxBatchRows, cancellation);
        var lengths = PatchLengths.Of(options.Axes, config.LayerCount, pair.Length, DestinationHeads);
        foreach (var group in sources.GroupBy(source => source.Layer))
        {
            HeadIndex[] heads = [.. group];
            var values = heads.Select(_ => new double?[lengths.Shape.Count]).ToList();
            List<PathDeltas> deltas =
                [.. LayersAfter(group.Key).Any() ? heads.Select(head => DeltasOf(both, head)) : []];
            foreach (var layer in LayersAfter(group.Key))
                foreach (var (source, head, value) in Measure(runs, deltas, layer, both))
                {
                    values[source][lengths.IndexOf(IsWholeLayer ? new(layer) : new(layer, Head: head))] = value;
                    meter.Add();
                }

            foreach (var (i, source) in heads.Index())
                yield return new(
                    new(source, input, options),
                    both,
                    lengths,
                    ImmutableCollectionsMarshal.AsImmutableArray(values[i]));
        }
    }

    IEnumerable<int> LayersAfter(int source)
    {
        var (start, count) = options.DestinationLayers.GetOffsetAndLength(config.LayerCount);
        return Enumerable.Range(start, count).Where(layer => layer > source);
    }

    PathDeltas DeltasOf(RunPair both, HeadIndex source) => new(model, both, source, options.Norm);

    // The head outputs of the sources that have destinations, or the streams that the destinations read.
    IReadOnlyCollection<Site> Sites(Activation activation)
    {
        var from = sources.Select(source => source.Layer).Distinct().Where(layer => LayersAfter(layer).Any()).ToList();
        var layers = activation == Activation.HeadOutput ? from : [.. from.SelectMany(LayersAfter).Distinct()];
        return [.. layers.Select(layer => new Site(activation, layer))];
    }

    IEnumerable<(int Source, int Head, double Value)> Measure(
        BranchRuns runs, IReadOnlyList<PathDeltas> deltas, int layer, RunPair both)
    {
        var start = new Site(Activation.ResidualBefore, layer);
        var paths = (
            from source in Enumerable.Range(0, deltas.Count)
            from head in Enumerable.Range(0, DestinationsOfLayer)
            select (source, head)).ToList();
        var patches = deltas.SelectMany(delta => Patches(both, delta.Into(layer, input)));
        var stream = both.Positions.IsEmpty ? default : both.Corrupted[start].Memory;
        return paths.Zip(
            runs.Measure(start, stream, new(Edited, layer), patches),
            (path, value) => (path.source, path.head, value));
    }

    // The patches of one source; without edits if the source is the same in both runs.
    IEnumerable<List<RowEdit>> Patches(RunPair both, float[] delta)
    {
        var heads = Enumerable.Range(0, DestinationHeads);
        if (delta.Length == 0)
            return Enumerable.Repeat(new List<RowEdit>(), DestinationsOfLayer);
        return IsWholeLayer
            ? [[.. heads.SelectMany(head => Edits(both, delta, head))]]
            : heads.Select(head => Edits(both, delta, head));
    }

    // Adds the change at every requested position.
    List<RowEdit> Edits(RunPair both, float[] delta, int head)
    {
        var positions = both.Positions;
        var edits = new List<RowEdit>();
        var size = config.HeadSize;
        var heads = input == HeadInput.Query ? config.HeadCount : config.KeyValueHeadCount;
        var read = heads == DestinationHeads ? head : head / config.GroupSize;
        for (var i = 0; i < positions.Length; i++)
        {
            if (!asked.Contains(positions[i]))
                continue;
            var change = delta.AsMemory((i * heads + read) * size, size);
            if (Edited == Activation.HeadKey)
            {
                // The rotation is linear: the rotated change is the change of the rotated key.
                change = change.ToArray();
                rotation.Apply(positions[i], change.Span);
            }

            edits.Add(new(positions[i], head, row => TensorPrimitives.Add(row, change.Span, row)));
        }

        return edits;
    }
}
