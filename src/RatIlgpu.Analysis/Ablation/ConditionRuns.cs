namespace RatIlgpu.Analysis;

/// <summary>Runs prompts under many conditions, each only where it can differ from the run without interventions: from
/// the first changed layer on, at the positions from the first changed one on.</summary>
/// <remarks>Conditions that start at one layer and position are branches of one run, and short prompts run together.
/// docs/ablation.md says why what is left out changes nothing.</remarks>
static class ConditionRuns
{
    // Enough rows that products are fast, and few enough that a run takes little memory.
    const int MostRows = 1_024;

    /// <summary>Runs one prompt without interventions, and then under each condition.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="conditions">The interventions of each condition, all in layers; a condition without any is not run,
    /// since nothing changes.</param>
    /// <param name="reader">What reads the runs.</param>
    /// <param name="known">A stream of the run without interventions, before the first changed layer or an earlier
    /// one; null to run all layers.</param>
    /// <param name="progress">Told the share of the work that is done; null for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">An intervention does not fit the prompt.</exception>
    public static void Run(
        Qwen2Model model,
        ImmutableArray<int> ids,
        IReadOnlyList<ImmutableArray<Intervention>> conditions,
        IConditionReader reader,
        KnownStream? known = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default) => RunAll(
            model, [ids.Length], _ => new(ids, conditions, reader) { Known = known }, _ => { }, progress,
            cancellation);

    /// <summary>Runs several prompts without interventions, and then under each of their conditions. A prompt is shown
    /// to its reader as if it ran alone; on devices in host memory, with the same bits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="lengths">The number of tokens of each prompt; neighbours of few tokens run together
    /// (<see cref="PromptGroups"/>).</param>
    /// <param name="prompt">Returns the prompt of a place; called in order, when its group is about to run.</param>
    /// <param name="done">Is told the place of each prompt after the end of its reader, in order.</param>
    /// <param name="progress">Told the share of the prompts that are done, also within those that run together; null
    /// for nobody.</param>
    /// <param name="cancellation">Stops between two activations.</param>
    /// <exception cref="ArgumentException">An intervention does not fit its prompt.</exception>
    public static void RunAll(
        Qwen2Model model,
        IReadOnlyList<int> lengths,
        Func<int, ConditionedPrompt> prompt,
        Action<int> done,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        foreach (var group in PromptGroups.Of(lengths))
        {
            var (start, count) = group.GetOffsetAndLength(lengths.Count);
            ImmutableArray<ConditionedPrompt> prompts = [.. Enumerable.Range(start, count).Select(prompt)];
            var part = PartOfWork.Of(progress, start, count, lengths.Count) is { } listener
                ? new ConditionProgress(listener, count, prompts[0].Reader.ShareOfEnd)
                : null;
            Run(model, prompts, part, cancellation);
            foreach (var (place, one) in prompts.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                one.Reader.End();
                done(start + place);
                part?.End(place + 1);
            }
        }
    }

    static void Run(
        Qwen2Model model,
        ImmutableArray<ConditionedPrompt> prompts,
        ConditionProgress? progress,
        CancellationToken cancellation)
    {
        foreach (var prompt in prompts)
            foreach (var intervention in prompt.Conditions.SelectMany(some => some))
                intervention.CheckFor(model, prompt.Ids.Length, null);
        var runs = new List<PromptConditions>();
        try
        {
            foreach (var prompt in prompts)
                runs.Add(new(model, prompt, MostRows));
            foreach (var run in runs)
                progress?.Expect(run.Work);
            RunBaselines(model, runs, progress, cancellation);
            while (runs.Find(run => run.Waits) is { Layer: var layer })
                RunBatches(
                    model, layer, [.. runs.Where(run => run.Waits && run.Layer == layer)], progress, cancellation);
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    // A run that stops at the final norm has the keys and values of all layers, but does not count them.
    static ForwardOptions Options(IProgress<double>? progress, CancellationToken cancellation) =>
        new() { StopAfter = Site.FinalNorm, Progress = progress, Cancellation = cancellation };

    static void RunBaselines(
        Qwen2Model model,
        List<PromptConditions> runs,
        ConditionProgress? progress,
        CancellationToken cancellation)
    {
        List<PromptConditions> whole = [.. runs.Where(run => run.Known is null)];
        model.RunAll(
            [.. whole.Select(run => run.Baseline())],
            Options(progress?.Next(whole.Sum(run => run.BaselineWork)), cancellation));
        foreach (var same in runs.Where(run => run.Known is not null).GroupBy(run => run.Known!.Value.Layer))
        {
            var streams = new List<BatchStream>();
            try
            {
                foreach (var run in same)
                    streams.Add(run.KnownBaseline());
                model.RunAllFrom(
                    new(Activation.ResidualBefore, same.Key), streams,
                    Options(progress?.Next(same.Sum(run => run.BaselineWork)), cancellation));
            }
            finally
            {
                streams.ForEach(stream => stream.Stream.Dispose());
            }
        }

        runs.ForEach(run => run.EndBaseline());
    }

    // The next batch of each prompt, all from the same layer.
    static void RunBatches(
        Qwen2Model model,
        int layer,
        ImmutableArray<PromptConditions> runs,
        ConditionProgress? progress,
        CancellationToken cancellation)
    {
        // Those that run together have as many rows as make products fast.
        foreach (var group in PromptGroups.Of([.. runs.Select(run => run.Rows)]))
        {
            var batches = new List<ConditionBatch>();
            var own = progress?.Next(runs[group].Sum(run => run.BatchWork));
            try
            {
                foreach (var run in runs[group])
                    batches.Add(run.Next());
                model.RunAllFrom(
                    new(Activation.ResidualBefore, layer), [.. batches.Select(batch => batch.Stream)],
                    Options(own, cancellation));
            }
            finally
            {
                batches.ForEach(batch => batch.Dispose());
            }
        }
    }
}

/// <summary>A prompt that runs under conditions.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Conditions">The interventions of each condition, all in layers; a condition without any is not run,
/// since nothing changes.</param>
/// <param name="Reader">What reads the runs.</param>
sealed record ConditionedPrompt(
    ImmutableArray<int> Ids, IReadOnlyList<ImmutableArray<Intervention>> Conditions, IConditionReader Reader)
{
    /// <summary>Gets a stream of the run without interventions, before the first changed layer or an earlier one; null
    /// to run all layers.</summary>
    public KnownStream? Known { get; init; }
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

    /// <summary>Gets about the share of the work that <see cref="End"/> does, for a line of progress.</summary>
    double ShareOfEnd => 0;

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
