namespace RatIlgpu.Analysis;

/// <summary>Runs sequences with the outputs of heads taken away at all positions, many sets of heads at once.</summary>
/// <remarks>Sets of one first layer are branches of one run (<see cref="ConditionRuns"/>). Logits are computed at the
/// scored positions alone.</remarks>
sealed class AblatedRuns
{
    readonly Qwen2Model model;
    readonly ImmutableArray<ScoredSequence> sequences;
    readonly CancellationToken cancellation;
    readonly Lazy<ImmutableArray<HeldNumbers>> means;

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
        var reader = new BehaviourReaders(model, sequence, sets.Count);
        ConditionRuns.Run(
            model, sequence.Ids.Items, [.. sets.Select(Changes)], reader, cancellation: cancellation);
        for (var set = 0; set < sets.Count; set++)
            found[set][place] = reader.ValueOf(set);
    }

    ImmutableArray<Intervention> Changes(AblatedHeads set) =>
    [
        .. set.Heads.GroupBy(head => head.Layer).Select(layer =>
        {
            var target = InterventionTarget.At(
                model, Activation.HeadOutput, layer.Key, [.. layer.Select(head => head.Head)]);
            return set.Kind == HeadAblation.Zero
                ? Intervention.Zero(target)
                : Intervention.ReplaceRows(target, new(means.Value[layer.Key], (_, head) => head), "average");
        }),
    ];

    // Of each layer, [heads, headSize].
    ImmutableArray<HeldNumbers> Means()
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

    public ImmutableArray<HeldNumbers> Means() =>
    [
        .. sums.Select(own => new HeldNumbers(config.HeadSize, [.. own.Select(sum => (float)(sum / positions))])),
    ];
}

/// <summary>Reads the scored positions of a sequence under all conditions.</summary>
sealed class BehaviourReaders(Qwen2Model model, ScoredSequence sequence, int conditions) : IConditionReader
{
    // The last is that of the run without a change.
    readonly (BehaviourReader Reader, int Branch)[] readers = new (BehaviourReader, int)[conditions + 1];

    public int FirstRead => sequence.Scored[0].Position;

    public int FirstLayer => int.MaxValue;

    /// <summary>Returns the mean of the scored positions under a condition.</summary>
    public double ValueOf(int condition)
    {
        var (reader, branch) = readers[condition].Reader is null ? readers[^1] : readers[condition];
        return reader.Values[branch];
    }

    public IProbe OfBaseline() => Read([conditions]);

    public IProbe OfBatch(ImmutableArray<int> batch, int layer, int position) => Read(batch);

    BehaviourReader Read(ImmutableArray<int> batch)
    {
        var reader = new BehaviourReader(model, sequence, batch.Length);
        foreach (var (branch, condition) in batch.Index())
            readers[condition] = (reader, branch);
        return reader;
    }
}
