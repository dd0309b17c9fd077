using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>A run of one prompt for flows through layers. The rows of a layer are made as soon as its stream after
/// attention is there, while the run waits, so that one layer's queries, keys and values are held at a time.</summary>
sealed class FlowRun : IProbe, IDisposable
{
    // The patterns of 32 MB: rows are made some at a time, with all heads together.
    const int MostPatternNumbers = 8 << 20;

    // A matrix product of more rows is no faster for each.
    const int MostRows = 256;

    readonly Qwen2Model model;
    readonly Device device;
    readonly FlowOptions options;
    readonly ImmutableArray<int> positions;
    readonly ImmutableHashSet<Site> taken;
    readonly CancellationToken cancellation;
    readonly InterventionProbe? changes;
    readonly FlowSteps steps;
    readonly List<Tensor> allocated = [];
    readonly FlowShares shares;
    readonly Tensor before, query, key, value;
    readonly Tensor? mask;
    Tensor scratch;
    float[] downloaded = [];
    int queriesTaken, keysTaken, valuesTaken, rowsDone;

    FlowRun(Qwen2Model model, ImmutableArray<int> positions, FlowOptions options, CancellationToken cancellation)
    {
        (this.model, this.positions, this.options, this.cancellation) = (model, positions, options, cancellation);
        (device, steps) = (model.Device, new(options, positions[^1] + 1));
        var (config, length) = (model.Config, positions[^1] + 1);
        taken = [.. Enumerable.Range(options.FromLayer.Value, LayerCount).SelectMany(Sites)];
        int MostHeads(Activation ofEach) =>
            taken.Any(site => site.Activation == ofEach) ? config.HeadCount : config.KeyValueHeadCount;
        shares = new(device, length);
        try
        {
            before = Allocate(length, config.HiddenSize);
            query = Allocate(length, config.HeadCount, config.HeadSize);
            key = Allocate(length * MostHeads(Activation.HeadKey) * config.HeadSize);
            value = Allocate(length * MostHeads(Activation.HeadValue) * config.HeadSize);
            scratch = device.Allocate(1);
            if (!options.Interventions.IsEmpty)
                changes = new(model, options.Interventions.AsSpan()) { LengthIsChecked = true };
            if (options.AttentionMask is not { } given || !given.Contains(0))
                return;
            mask = Allocate(length);
            device.Upload([.. given[..length].Select(entry => (float)entry)], mask);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    int LayerCount => options.ToLayer.Value - options.FromLayer.Value + 1;

    bool ChangesHeads => taken.Any(site => site.Activation is Activation.HeadKey or Activation.HeadValue);

    /// <summary>Runs a model once, and returns the shares and paths of some positions.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens of the prompt.</param>
    /// <param name="positions">The positions, ascending, each once.</param>
    /// <param name="options">The options, resolved for one of the positions.</param>
    /// <param name="progress">Receives the share of the layers done, in [0, 1].</param>
    /// <param name="cancellation">Stops the run.</param>
    public static ImmutableArray<FoundFlow> Of(
        Qwen2Model model, ReadOnlySpan<int> ids, ImmutableArray<int> positions, FlowOptions options,
        IProgress<double>? progress, CancellationToken cancellation)
    {
        using var run = new FlowRun(model, positions, options, cancellation);
        var length = positions[^1] + 1;
        model.Run(ids[..length], new ForwardOptions
        {
            Probe = run,
            ProbeTakesBlocks = !run.ChangesHeads,
            StopAfter = new(Activation.ResidualMiddle, options.ToLayer.Value),
            AttentionMask = options.AttentionMask?[..length],
            Progress = progress,
            Cancellation = cancellation,
        });
        return
        [
            .. positions.Select(position =>
                new FoundFlow(run.shares.Of(position), run.steps.PathsFrom(position, cancellation))),
        ];
    }

    public bool Wants(Site site) => taken.Contains(site) || (changes?.Wants(site) ?? false);

    public void Begin(int firstPosition, int positionCount) => changes?.Begin(firstPosition, positionCount);

    public void BeginBranches(int branches) => changes?.BeginBranches(branches);

    public void BeginLogits(ImmutableArray<int> asked) => changes?.BeginLogits(asked);

    public void Show(Site site, Tensor activation, Device device)
    {
        if (changes?.Wants(site) ?? false)
            changes.Show(site, activation, device);
        if (!taken.Contains(site))
            return;
        switch (site.Activation)
        {
            case Activation.ResidualBefore: device.Copy(activation, before); break;
            case Activation.RotatedQuery: Take(activation, query, ref queriesTaken); break;
            case Activation.RotatedKey or Activation.HeadKey:
                Take(activation, Heads(key, activation.Shape[1]), ref keysTaken);
                break;
            case Activation.Value or Activation.HeadValue:
                Take(activation, Heads(value, activation.Shape[1]), ref valuesTaken);
                break;
            default: MakeRows(site.Layer, activation); break;
        }
    }

    public void Dispose()
    {
        changes?.Dispose();
        shares.Dispose();
        scratch?.Dispose();
        foreach (var tensor in allocated)
            tensor.Dispose();
    }

    // Queries, keys and values as they are after the interventions.
    Site[] Sites(int layer)
    {
        Site Changed(Activation ofEach, Activation usual) =>
            options.Interventions.Any(one => one.Target.ChangedSite == new Site(ofEach, layer))
                ? new(ofEach, layer)
                : new(usual, layer);
        return
        [
            new(Activation.ResidualBefore, layer), new(Activation.RotatedQuery, layer),
            Changed(Activation.HeadKey, Activation.RotatedKey), Changed(Activation.HeadValue, Activation.Value),
            new(Activation.ResidualMiddle, layer),
        ];
    }

    void Take(Tensor activation, Tensor kept, ref int count)
    {
        device.Copy(activation, kept.Slice(count, activation.Shape[0]));
        count += activation.Shape[0];
    }

    // The stream after attention comes in blocks of neighbouring positions.
    void MakeRows(int layer, Tensor after)
    {
        var (start, end) = (rowsDone, rowsDone + after.Shape[0]);
        var most = Math.Clamp(MostPatternNumbers / model.Config.HeadCount / end, 1, MostRows);
        // Of the last layer only the rows of the targets are read.
        var needed = layer < options.ToLayer.Value
            ? [.. Enumerable.Range(start, end - start)]
            : positions.Where(position => position >= start && position < end).ToArray();
        for (var next = 0; next < needed.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var first = needed[next];
            var last = needed.Skip(next).TakeWhile(position => position < first + most).Last();
            MakeRows(layer, first, after.Slice(first - start, last - first + 1));
            while (next < needed.Length && needed[next] <= last)
                next++;
        }

        rowsDone = end;
        if (end < before.Shape[0])
            return;
        shares.EndLayer();
        (queriesTaken, keysTaken, valuesTaken, rowsDone) = (0, 0, 0, 0);
    }

    void MakeRows(int layer, int first, Tensor after)
    {
        var (count, end, heads) = (after.Shape[0], first + after.Shape[0], model.Config.HeadCount);
        var keyHeads = HeadsOf(new(Activation.HeadKey, layer));
        var (queries, keys) = (query.Slice(first, count), Heads(key, keyHeads).Slice(0, end));
        var values = Heads(value, HeadsOf(new(Activation.HeadValue, layer))).Slice(0, end);
        var visibility = new Visibility(model.Config.WindowOf(layer), mask?.Slice(0, end));
        var isRollout = options.Method == FlowMethod.Rollout;
        var memory = Scratch((isRollout ? 1 : heads + 1) * count * end);
        var rows = memory.Slice(0, count * end).Reshape(count, end);
        if (isRollout)
            device.AggregatePattern(
                queries, keys, visibility, HeadAggregation.Mean, [.. Enumerable.Range(0, count)], rows);
        else
        {
            var pattern = memory.Slice(count * end, heads * count * end).Reshape(heads, count, end);
            device.Pattern(queries, keys, visibility, pattern);
            device.FlowRows(
                pattern, values, model.Weights.Layers[layer].Output, before.Slice(first, count), after, rows);
        }

        // One array for all rows: the collector would let many large ones add up.
        if (downloaded.Length < count * end)
            downloaded = new float[Math.Min(MostRows, before.Shape[0]) * before.Shape[0]];
        var numbers = downloaded.AsSpan(0, count * end);
        device.Download(rows, numbers);
        if (isRollout)
        {
            Halve(numbers, first, end);
            device.Upload(numbers, rows);
        }

        steps.Add(layer, first, numbers, end);
        shares.Add(rows, numbers);
    }

    // ½ mean + ½ I
    static void Halve(Span<float> rows, int first, int keys)
    {
        foreach (ref var number in rows)
            number *= 0.5f;
        for (var row = 0; row < rows.Length / keys; row++)
            rows[row * keys + first + row] += 0.5f;
    }

    // Some layers may have keys or values for each query head, where an intervention changes them.
    int HeadsOf(Site ofEach) => taken.Contains(ofEach) ? model.Config.HeadCount : model.Config.KeyValueHeadCount;

    Tensor Heads(Tensor memory, int heads)
    {
        var (length, size) = (before.Shape[0], model.Config.HeadSize);
        return memory.Slice(0, length * heads * size).Reshape(length, heads, size);
    }

    Tensor Scratch(int count)
    {
        if (scratch.Shape[0] < count)
        {
            var larger = device.Allocate(count);
            scratch.Dispose();
            scratch = larger;
        }

        return scratch;
    }

    Tensor Allocate(params ReadOnlySpan<int> shape)
    {
        allocated.Add(device.Allocate(shape));
        return allocated[^1];
    }
}

/// <summary>What flows to a position.</summary>
/// <param name="Shares">The share of each token up to the position.</param>
/// <param name="Paths">The best paths, best first.</param>
sealed record FoundFlow(ImmutableArray<double> Shares, ImmutableArray<FlowPath> Paths);
