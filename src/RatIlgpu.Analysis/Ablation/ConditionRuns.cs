namespace RatIlgpu.Analysis;

/// <summary>Runs a prompt under many conditions, each only where it can differ from the run without interventions: from
/// the first changed layer on, at the positions from the first changed one on.</summary>
/// <remarks>Conditions that start at one layer and position are branches of one run. docs/ablation.md says why what is
/// left out changes nothing.</remarks>
static class ConditionRuns
{
    // Enough rows that products are fast, and few enough that a run takes little memory.
    const int MostRows = 1_024;

    /// <summary>Runs the prompt without interventions, and then under each condition.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="conditions">The interventions of each condition, all in layers; a condition without any is not run,
    /// since nothing changes.</param>
    /// <param name="reader">What reads the runs.</param>
    /// <param name="known">A stream of the run without interventions, before the first changed layer or an earlier
    /// one; null to run all layers.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">An intervention does not fit the prompt.</exception>
    public static void Run(
        Qwen2Model model,
        ImmutableArray<int> ids,
        IReadOnlyList<ImmutableArray<Intervention>> conditions,
        IConditionReader reader,
        KnownStream? known = null,
        CancellationToken cancellation = default)
    {
        foreach (var intervention in conditions.SelectMany(some => some))
            intervention.CheckFor(model, ids.Length, null);
        var starts = conditions.Index().Where(one => one.Item.Length > 0)
            .GroupBy(one => StartOf(one.Item), one => one.Index)
            .OrderByDescending(group => group.Key.Position).ThenBy(group => group.Key.Layer).ToList();
        using var streams = new StreamCopies(model.Device, starts.Select(start => start.Key));
        using var cache = new KeyValueCache(model.Config, model.Device, ids.Length);
        var options = new ForwardOptions
        {
            StopAfter = Site.FinalNorm,
            LogitCount = ids.Length - reader.FirstRead,
            Cache = cache,
            Cancellation = cancellation,
        };
        // A reader of earlier layers sees them in a whole run alone.
        var start = known is { Layer: var layer } && layer > reader.FirstLayer ? null : known;
        RunBaseline(model, ids, options with { Probe = new ProbePair(streams, reader.OfBaseline()) }, start);
        // A run of one branch writes its keys where those of the baseline lay, which a run of an earlier position does
        // not read: later positions come first.
        foreach (var group in starts)
        {
            cache.Truncate(group.Key.Position);
            var rows = ids.Length - group.Key.Position;
            foreach (var batch in group.Chunk(int.Max(1, MostRows / rows)))
                RunBatch(
                    model, streams.From(group.Key.Layer, group.Key.Position), group.Key,
                    options with { LogitCount = int.Min(rows, options.LogitCount) }, [.. batch], conditions, reader);
        }

        reader.End();
    }

    static void RunBaseline(Qwen2Model model, ImmutableArray<int> ids, ForwardOptions options, KnownStream? known)
    {
        if (known is { } start)
        {
            using var stream = model.Device.Allocate(ids.Length, model.Config.HiddenSize);
            model.Device.Upload(start.Numbers.AsSpan(0, ids.Length * model.Config.HiddenSize), stream);
            model.RunFrom(new(Activation.ResidualBefore, start.Layer), stream, options);
        }
        else
            model.Run(ids.AsSpan(), options);
        // A run that stops at the final norm has the keys and values of all layers, but does not count them.
        options.Cache!.Restore(ids.Length);
    }

    static void RunBatch(
        Qwen2Model model,
        Tensor stream,
        (int Layer, int Position) start,
        ForwardOptions options,
        ImmutableArray<int> batch,
        IReadOnlyList<ImmutableArray<Intervention>> conditions,
        IConditionReader reader)
    {
        var branches = batch.Length;
        using var rows = model.Device.Allocate(stream.Shape[0] * branches, stream.Shape[1]);
        model.Device.Gather(stream, [.. Enumerable.Range(0, rows.Shape[0]).Select(row => row / branches)], rows);
        using var changes = InterventionProbe.OfBranches(model, [.. batch.Select(condition => conditions[condition])]);
        model.RunFrom(
            new(Activation.ResidualBefore, start.Layer), rows,
            options with { Probe = new ProbePair(changes, reader.OfBatch(batch, start.Layer, start.Position)) },
            branches);
    }

    static (int Layer, int Position) StartOf(ImmutableArray<Intervention> condition)
    {
        foreach (var intervention in condition)
            if (!intervention.Target.ChangedSite.IsInLayer)
                throw new ArgumentException($"{intervention}: is not in a layer, where conditions start.");
        return (
            condition.Min(intervention => intervention.Target.ChangedSite.Layer),
            condition.Min(intervention => intervention.Target.Positions is { } some ? some[0] : 0));
    }
}

/// <summary>A residual stream.</summary>
/// <param name="Layer">The layer that it comes before.</param>
/// <param name="Numbers"><c>[positions, width]</c>, at least those of the prompt.</param>
readonly record struct KnownStream(int Layer, float[] Numbers);

/// <summary>What reads the runs of conditions.</summary>
interface IConditionReader
{
    /// <summary>Gets the first position whose logits are read; the final norm is shown from there on, or from the first
    /// position that a run computes.</summary>
    int FirstRead { get; }

    /// <summary>Gets the first layer that is read of the run without interventions; <see cref="int.MaxValue"/> where no
    /// layer before the first changed one is.</summary>
    int FirstLayer { get; }

    /// <summary>Returns the probe of the run without interventions.</summary>
    IProbe OfBaseline();

    /// <summary>Returns the probe of a run whose branches are conditions.</summary>
    /// <param name="conditions">The places of the conditions, one a branch.</param>
    /// <param name="layer">The first layer that is run.</param>
    /// <param name="position">The first position that is run.</param>
    IProbe OfBatch(ImmutableArray<int> conditions, int layer, int position);

    /// <summary>Is called after the last run.</summary>
    void End()
    {
    }
}

/// <summary>Copies the streams before some layers of a run, each from the first position that is asked for.</summary>
/// <param name="device">The device.</param>
/// <param name="starts">The layers and positions from which runs go on.</param>
sealed class StreamCopies(Device device, IEnumerable<(int Layer, int Position)> starts) : IProbe, IDisposable
{
    readonly Dictionary<int, int> first = starts.GroupBy(start => start.Layer)
        .ToDictionary(layer => layer.Key, layer => layer.Min(start => start.Position));

    readonly Dictionary<int, Tensor> copies = [];

    /// <summary>Returns the stream before a layer from a position on, <c>[positions, width]</c>.</summary>
    public Tensor From(int layer, int position)
    {
        var (copy, start) = (copies[layer], position - first[layer]);
        return copy.Slice(start, copy.Shape[0] - start);
    }

    public bool Wants(Site site) => site.Activation == Activation.ResidualBefore && first.ContainsKey(site.Layer);

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device on)
    {
        var start = first[site.Layer];
        var rows = activation.Slice(start, activation.Shape[0] - start);
        var copy = device.Allocate(rows.Shape);
        copies.Add(site.Layer, copy);
        device.Copy(rows, copy);
    }

    public void Dispose()
    {
        foreach (var copy in copies.Values)
            copy.Dispose();
    }
}
