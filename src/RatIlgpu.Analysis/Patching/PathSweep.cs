using System.Collections.Immutable;
using System.Numerics.Tensors;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>One sweep over direct paths: sources layer by layer, and for each layer of destinations all patches of
/// these sources at once.</summary>
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
    readonly RotaryTurn turn = new(model.Config);

    // Before the first difference the runs are the same.
    readonly ImmutableArray<int> positions =
        [.. Enumerable.Range(pair.FirstDifference, pair.Length - pair.FirstDifference)];

    readonly ImmutableHashSet<int> asked = [.. Axes.Resolve(options.Positions, pair.Length, "position")];

    bool IsShared => input != HeadInput.Query && options.Scope == KeyValueScope.KeyValueGroup;

    int DestinationHeads => IsShared ? config.KeyHeadCount : config.HeadCount;

    // What is edited: what heads share, or what one of them sees by itself.
    Activation Edited => (input, IsShared) switch
    {
        (HeadInput.Query, _) => Activation.Query,
        (HeadInput.Key, true) => Activation.Key,
        (HeadInput.Key, _) => Activation.HeadKey,
        (_, true) => Activation.Value,
        _ => Activation.HeadValue,
    };

    /// <summary>Runs it; a map for each source, as soon as it is there.</summary>
    public IEnumerable<PathPatchMap> Run(CancellationToken cancellation)
    {
        var (clean, cleanMetric) = Record(pair.Clean, [Activation.HeadMix], cancellation);
        var (corrupted, corruptedMetric) =
            Record(pair.Corrupted, [Activation.HeadMix, Activation.ResidualBefore], cancellation);
        var paths = sources.Sum(source => LayersBehind(source.Layer).Count() * (long)DestinationHeads);
        var meter = new SweepMeter(progress, paths);
        using var runs = new BranchRuns(
            model, pair, metric, corruptedMetric, options.MaxBatchRows, cancellation);
        foreach (var group in sources.GroupBy(source => source.Layer, source => source.Head))
        {
            ImmutableArray<int> heads = [.. group];
            var maps = heads.Select(_ => ImmutableSortedDictionary.CreateBuilder<HeadIndex, double>()).ToList();
            var deltas = new PathDeltas(model, clean, corrupted, group.Key, heads, positions, options.Norm);
            foreach (var layer in LayersBehind(group.Key))
                foreach (var (source, head, value) in Measure(runs, deltas, layer, corrupted))
                {
                    maps[source].Add(new(layer, head), value);
                    meter.Add(1);
                }

            for (var i = 0; i < heads.Length; i++)
                yield return new(
                    new(group.Key, heads[i]),
                    input,
                    options.Scope,
                    cleanMetric.Value,
                    corruptedMetric.Value,
                    maps[i].ToImmutable());
        }
    }

    IEnumerable<int> LayersBehind(int source)
    {
        var (start, count) = options.DestinationLayers.GetOffsetAndLength(config.LayerCount);
        return Enumerable.Range(start, count).Where(layer => layer > source);
    }

    (Recording Run, MetricReader.Measured Metric) Record(
        ImmutableArray<int> ids, ReadOnlySpan<Activation> activations, CancellationToken cancellation)
    {
        var captures = new Dictionary<Site, Capture>();
        foreach (var activation in activations)
            // The last layer has no sources.
            for (var layer = 0; layer < config.LayerCount - (activation == Activation.HeadMix ? 1 : 0); layer++)
                if (!positions.IsEmpty)
                    captures.Add(
                        new(activation, layer),
                        new(activation) { Positions = [.. positions.Select(position => (Index)position)] });
        var keeping = new KeepingProbe(config, captures, ids.Length);
        var measured = metric.Measure(ids.AsSpan(), keeping, cancellation);
        return (new(ModelFingerprint.Of(model), ids, null, keeping.Kept), measured);
    }

    IEnumerable<(int Source, int Head, double Value)> Measure(
        BranchRuns runs, PathDeltas deltas, int layer, Recording corrupted)
    {
        var start = new Site(Activation.ResidualBefore, layer);
        var paths = (
            from source in Enumerable.Range(0, deltas.Sources.Length)
            from head in Enumerable.Range(0, DestinationHeads)
            select (source, head)).ToList();
        var delta = positions.IsEmpty ? [] : deltas.Into(layer, input);
        var patches = paths.Select(path => Edits(delta, path.source, path.head, deltas.IsZero[path.source]));
        var stream = positions.IsEmpty ? default : corrupted[start].Memory;
        return paths.Zip(
            runs.Measure(start, stream, new(Edited, layer), patches),
            (path, value) => (path.source, path.head, value));
    }

    // Adds the change at every position asked for; nothing where the runs are the same.
    List<RowEdit> Edits(float[] delta, int source, int head, bool isZero)
    {
        var edits = new List<RowEdit>();
        var size = config.HeadSize;
        var heads = input == HeadInput.Query ? config.HeadCount : config.KeyHeadCount;
        var read = heads == DestinationHeads ? head : head / config.GroupSize;
        for (var i = 0; i < positions.Length && !isZero; i++)
        {
            if (!asked.Contains(positions[i]))
                continue;
            var change = delta.AsMemory(((source * positions.Length + i) * heads + read) * size, size);
            if (Edited == Activation.HeadKey)
            {
                // Turning is linear: the turned change is the change of the turned key.
                change = change.ToArray();
                turn.Forth(positions[i], change.Span);
            }

            edits.Add(new(positions[i], head, row => TensorPrimitives.Add(row, change.Span, row)));
        }

        return edits;
    }
}
