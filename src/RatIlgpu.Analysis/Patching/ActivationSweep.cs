using System.Numerics.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>One sweep over an activation, layer by layer: the patches of a layer run together.</summary>
sealed class ActivationSweep(
    Qwen2Model model,
    PromptPair pair,
    PatchTarget target,
    MetricReader metric,
    ActivationPatchingOptions options,
    IProgress<SweepProgress>? progress,
    PartialPatches? kept)
{
    readonly Qwen2Config config = model.Config;
    readonly SeenKeys seenKeys = new(model);
    readonly Activation changed = target.Scope.Seen(target.Activation);
    readonly int heads = int.Max(1, ActivationAxes.HeadsOf(target.Scope.Seen(target.Activation), model.Config));

    readonly ImmutableArray<int> layers =
        ActivationAxes.Resolve(options.Layers, model.Config.LayerCount, "layer");

    readonly ImmutableHashSet<int> positions = [.. pair.Resolve(options.Positions)];
    readonly ImmutableHashSet<int>? askedHeads = options.Heads is { } some ? [.. some] : null;

    /// <summary>Gets the number of patches.</summary>
    public long Count => layers.Length * CountOfLayer;

    PatchLengths Lengths => PatchLengths.Of(target.Axes, config.LayerCount, pair.Length, heads);

    long CountOfLayer => Lengths.Shape.Count / config.LayerCount;

    bool IsAdded => target.Activation is Activation.AttentionOutput or Activation.MlpOutput;

    /// <summary>Runs the sweep.</summary>
    public PatchGrid<PatchTarget> Run(CancellationToken cancellation)
    {
        var (start, edited) = StartAndEdit(changed);
        var both = RunPair.Record(model, pair, metric, Sites(target.Activation), Sites(start), cancellation);
        using var runs = new BranchRuns(model, both, options.MaxBatchRows, cancellation);
        var lengths = Lengths;
        var values = new double?[lengths.Shape.Count];
        var meter = new SweepMeter(
            progress, config.LayerCount, [.. layers.Select(layer => (layer, CountOfLayer))], kept);
        foreach (var layer in layers)
        {
            var cells = lengths.CellsOf(layer).ToList();
            var patches = cells.Select(cell => Edits(both, cell));
            var measured = runs.Measure(
                both.Corrupted[new(start, layer)], new(edited, layer), patches, cells.Count, meter.Known(cells.Count));
            foreach (var (cell, value) in cells.Zip(measured))
            {
                values[lengths.IndexOf(cell)] = IsPatched(cell) ? value : null;
                meter.Add(layer, value);
            }
        }

        var choice = PatchChoice.Of(options.Layers, options.Positions, options.Heads, config.LayerCount, pair);
        return new(target, both, lengths, choice, ImmutableCollectionsMarshal.AsImmutableArray(values));
    }

    /// <summary>Returns the captures of a recorded run from which a sweep can read.</summary>
    public static ImmutableArray<Capture> Captures(PatchTarget target, LogitMetric metric, ValueArray<Index>? layers)
    {
        var (start, _) = StartAndEdit(target.Scope.Seen(target.Activation));
        return
        [
            .. new[] { target.Activation, start }.Distinct()
                .Select(activation => new Capture(activation) { Layers = layers }),
            metric.ReadCapture,
        ];
    }

    // The latest stream from which a run still reaches the change, and the activation to change. The output of a
    // sublayer is changed in the stream to which it was added.
    static (Activation Start, Activation Edited) StartAndEdit(Activation changed) => changed switch
    {
        Activation.ResidualMiddle or Activation.AttentionOutput =>
            (Activation.ResidualMiddle, Activation.ResidualMiddle),
        Activation.ResidualAfter or Activation.MlpOutput => (Activation.ResidualAfter, Activation.ResidualAfter),
        Activation.MlpInput or Activation.MlpNeurons => (Activation.ResidualMiddle, changed),
        var one => (Activation.ResidualBefore, one),
    };

    ImmutableArray<Site> Sites(Activation activation) => [.. layers.Select(layer => new Site(activation, layer))];

    // A query does not attend to later keys, and nothing attends to padding.
    bool IsPatched(PatchCell cell) =>
        (cell.Position is not { } position || positions.Contains(position))
        && (cell.Head is not { } head || askedHeads?.Contains(head) != false)
        && (cell.Key is not { } key || (key <= cell.Position && !pair.IsPadding(key)));

    // No edit where the two runs agree.
    List<RowEdit> Edits(RunPair both, PatchCell cell)
    {
        var edits = new List<RowEdit>();
        var site = new Site(target.Activation, cell.Layer);
        if (!IsPatched(cell))
            return edits;
        foreach (var position in both.Positions.Where(at => (cell.Position ?? at) == at && positions.Contains(at)))
            for (var head = cell.Head ?? 0; head < (cell.Head + 1 ?? heads); head++)
            {
                if (askedHeads?.Contains(head) == false)
                    continue;
                var clean = RowOf(both.Clean[site], position, head);
                var corrupted = RowOf(both.Corrupted[site], position, head);
                if (cell.Key is { } key)
                    (clean, corrupted) = (clean.Slice(key, 1), corrupted.Slice(key, 1));
                if (!clean.Span.SequenceEqual(corrupted.Span))
                    edits.Add(Change(cell, position, head, clean, corrupted));
            }

        return edits;
    }

    RowEdit Change(
        PatchCell cell, int position, int head, ReadOnlyMemory<float> clean, ReadOnlyMemory<float> corrupted)
    {
        if (IsAdded)
        {
            var difference = new float[clean.Length];
            TensorPrimitives.Subtract(clean.Span, corrupted.Span, difference);
            return new(position, head, RowEditKind.Add, difference);
        }

        // A query head alone sees keys after norm and rotation, also where the target means keys before both.
        if (target.Activation == Activation.Key && changed == Activation.HeadKey)
        {
            var rotated = clean.ToArray();
            seenKeys.Make(cell.Layer, position, rotated);
            clean = rotated;
        }

        return new(position, head, RowEditKind.Replace, clean, cell.Key);
    }

    // A query head reads the key/value head of its group.
    ReadOnlyMemory<float> RowOf(RecordedActivation recorded, int position, int head)
    {
        if (recorded.Heads.IsEmpty)
            return recorded.RowMemory(position, 0);
        HeadRows.CheckShared(recorded, changed, head);
        var read = target.Activation == changed ? head : head / config.GroupSize;
        var place = recorded.Heads.BinarySearch(read);
        // The row refuses a head that was not recorded.
        return place >= 0 ? recorded.RowMemory(position, place) : recorded.Row(position, read).ToArray();
    }
}
