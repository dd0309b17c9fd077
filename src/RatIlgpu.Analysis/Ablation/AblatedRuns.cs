namespace RatIlgpu.Analysis;

/// <summary>Runs sequences with the outputs of heads taken away at all positions, many sets of heads at once.</summary>
/// <remarks>A run starts at the first layer that is changed, from the stream of the run without a change; sets of one
/// first layer are branches of one run. Logits are computed at the scored positions alone.</remarks>
sealed class AblatedRuns
{
    // Enough rows that products are fast, and few enough that a run takes little memory.
    const int MostRows = 1_024;

    readonly Qwen2Model model;
    readonly ImmutableArray<ScoredSequence> sequences;
    readonly CancellationToken cancellation;
    readonly Lazy<float[][]> means;

    /// <summary>Prepares runs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The sequences, over all of whose positions means are taken; at least one.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    public AblatedRuns(
        Qwen2Model model, ImmutableArray<ScoredSequence> sequences, CancellationToken cancellation = default)
    {
        (this.model, this.sequences, this.cancellation) = (model, sequences, cancellation);
        means = new(Means);
    }

    /// <summary>Returns the mean of the scored positions of each sequence under each set, <c>[sets][sequences]</c>:
    /// losses in nats, or differences of logits.</summary>
    /// <param name="sets">The sets.</param>
    /// <param name="done">Called with the share of the sequences that are done; null for nobody.</param>
    public double[][] Measure(IReadOnlyList<AblatedHeads> sets, Action<double>? done = null)
    {
        double[][] found = [.. sets.Select(_ => new double[sequences.Length])];
        for (var place = 0; place < sequences.Length; place++)
        {
            MeasureOne(sequences[place], place, sets, found);
            done?.Invoke((place + 1.0) / sequences.Length);
        }

        return found;
    }

    void MeasureOne(ScoredSequence sequence, int place, IReadOnlyList<AblatedHeads> sets, double[][] found)
    {
        var byLayer = sets.Index().Where(set => set.Item.Heads.Length > 0)
            .GroupBy(set => set.Item.Heads[0].Layer).OrderBy(group => group.Key).ToList();
        using var streams = new StreamCopies(model.Device, byLayer.Select(group => group.Key));
        var reader = new BehaviourReader(model, sequence, 1);
        model.Run(sequence.Ids.AsSpan(), Options(sequence, new ProbePair(streams, reader)));
        foreach (var (index, set) in sets.Index())
            if (set.Heads.Length == 0)
                found[index][place] = reader.Values[0];
        foreach (var group in byLayer)
            foreach (var batch in group.Chunk(int.Max(1, MostRows / sequence.Ids.Length)))
            {
                var values = Run(
                    sequence, new(Activation.ResidualBefore, group.Key), streams[group.Key],
                    [.. batch.Select(set => set.Item)]);
                foreach (var (branch, set) in batch.Index())
                    found[set.Index][place] = values[branch];
            }
    }

    double[] Run(ScoredSequence sequence, Site start, Tensor stream, ImmutableArray<AblatedHeads> sets)
    {
        var (tokens, branches) = (stream.Shape[0], sets.Length);
        using var rows = model.Device.Allocate(tokens * branches, stream.Shape[1]);
        model.Device.Gather(
            stream, [.. Enumerable.Range(0, tokens * branches).Select(row => row / branches)], rows);
        var reader = new BehaviourReader(model, sequence, branches);
        var needed = sets.Any(set => set.Kind == HeadAblation.Mean) ? means.Value : null;
        model.RunFrom(
            start, rows,
            Options(sequence, new ProbePair(new HeadSetProbe(model.Config, sets, needed), reader)), branches);
        return reader.Values;
    }

    ForwardOptions Options(ScoredSequence sequence, IProbe probe) => new()
    {
        Probe = probe,
        StopAfter = Site.FinalNorm,
        LogitCount = sequence.Ids.Length - sequence.Scored[0].Position,
        Cancellation = cancellation,
    };

    // Of each layer, [1 + heads, headSize]: zeros, then the mean output of each head.
    float[][] Means()
    {
        var config = model.Config;
        var probe = new HeadOutputSums(config);
        foreach (var sequence in sequences)
            model.Run(sequence.Ids.AsSpan(), new()
            {
                Probe = probe,
                StopAfter = new(Activation.HeadOutput, config.LayerCount - 1),
                Cancellation = cancellation,
            });
        return probe.Means();
    }
}

/// <summary>Sums the outputs of all heads over the positions of runs.</summary>
sealed class HeadOutputSums(Qwen2Config config) : IProbe
{
    readonly double[][] sums =
        [.. Enumerable.Range(0, config.LayerCount).Select(_ => new double[config.HeadCount * config.HeadSize])];

    long positions;

    public bool Wants(Site site) => site.Activation == Activation.HeadOutput;

    public void Begin(int firstPosition, int positionCount) => positions += positionCount;

    public void Show(Site site, Tensor activation, Device device)
    {
        var (numbers, own) = (device.Download(activation), sums[site.Layer]);
        for (var i = 0; i < numbers.Length; i++)
            own[i % own.Length] += numbers[i];
    }

    public float[][] Means() =>
    [
        .. sums.Select(own => (float[])
            [.. new float[config.HeadSize], .. own.Select(sum => (float)(sum / positions))]),
    ];
}

/// <summary>Copies the streams before some layers of a run.</summary>
sealed class StreamCopies(Device device, IEnumerable<int> layers) : IProbe, IDisposable
{
    readonly Dictionary<int, Tensor?> copies = layers.ToDictionary(layer => layer, _ => (Tensor?)null);

    public Tensor this[int layer] => copies[layer]!;

    public bool Wants(Site site) =>
        site.Activation == Activation.ResidualBefore && copies.ContainsKey(site.Layer);

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device on)
    {
        var copy = device.Allocate(activation.Shape);
        copies[site.Layer] = copy;
        device.Copy(activation, copy);
    }

    public void Dispose()
    {
        foreach (var copy in copies.Values)
            copy?.Dispose();
    }
}

/// <summary>Puts zeros or means in the place of the outputs of other heads in each branch of a run.</summary>
/// <param name="config">The model.</param>
/// <param name="sets">The heads of each branch.</param>
/// <param name="means"><c>[layers][1 + heads, headSize]</c>: zeros, then the mean output of each head; null where no
/// branch needs means.</param>
sealed class HeadSetProbe(Qwen2Config config, ImmutableArray<AblatedHeads> sets, float[][]? means) : IProbe
{
    readonly HashSet<int> layers = [.. sets.SelectMany(set => set.Heads).Select(head => head.Layer)];

    public bool Wants(Site site) => site.Activation == Activation.HeadOutput && layers.Contains(site.Layer);

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device device)
    {
        var (heads, size) = (config.HeadCount, config.HeadSize);
        var edits = sets.Index().SelectMany(set => set.Item.Heads.Where(head => head.Layer == site.Layer).Select(
            head => (Row: (set.Index * heads) + head.Head, Source: SourceOf(set.Item.Kind, head.Head))))
            .OrderBy(edit => edit.Row).ToArray();
        // A row is [position, branch, head].
        var positions = activation.Shape[0] / sets.Length;
        var step = sets.Length * heads;
        int[] rows =
            [.. Enumerable.Range(0, positions).SelectMany(at => edits.Select(edit => (at * step) + edit.Row))];
        int[] sources = [.. Enumerable.Range(0, positions).SelectMany(_ => edits.Select(edit => edit.Source))];
        var given = means is null ? new float[size] : means[site.Layer];
        using var source = device.Allocate(given.Length / size, size);
        device.Upload(given, source);
        device.CopyRows(source, sources, rows, activation.Reshape(positions * step, size));
    }

    static int SourceOf(HeadAblation kind, int head) => kind == HeadAblation.Mean ? 1 + head : 0;
}
