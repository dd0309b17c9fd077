namespace RatIlgpu.Analysis;

/// <summary>Runs a model and records activations. An activation that no capture asks for costs nothing.</summary>
/// <param name="model">The model.</param>
public sealed class Recorder(Qwen2Model model)
{
    /// <summary>Gets the listener to the share of the layers that have run, in [0, 1]. Default: none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Records a run.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="captures">The activations to record; at most one capture for each site.</param>
    /// <param name="options">The options of the run; null for a plain run.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or a capture, an intervention or an option does not fit
    /// the model, the prompt or another of them.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Recording Record(
        ReadOnlySpan<int> ids,
        ImmutableArray<Capture> captures,
        RecordingOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        var plan = RecordingPlan.Make(model, ids, captures, options);
        var probe = new RecordingProbe(model.Config, plan.Captures, ids.Length);
        var changes = new List<InterventionProbe>();
        var forward = new ForwardOptions
        {
            Probe = WithChanges(probe, options, changes),
            AttentionMask = options.AttentionMask,
            StopAfter = plan.Last,
            LogitCount = plan.LogitCount,
            Progress = Progress,
            Cancellation = cancellation,
        };
        try
        {
            plan.Run(model, ids, forward);
        }
        catch
        {
            probe.Discard();
            throw;
        }
        finally
        {
            changes.ForEach(change => change.Dispose());
        }

        return new(
            ModelFingerprint.Of(model), [.. ids], options.AttentionMask, probe.Recorded, options.PromptLength,
            [.. LinesOf(options.Interventions)]);
    }

    /// <summary>Records the runs of several prompts.</summary>
    /// <remarks>Prompts of few tokens run together, which is faster than one after the other. The recordings are those
    /// of <see cref="Record"/>; on devices in host memory they have the same bits.</remarks>
    /// <param name="prompts">The prompts.</param>
    /// <param name="captures">The activations to record of each prompt that does not say which; at most one capture for
    /// each site.</param>
    /// <param name="options">The options of each run; null for plain runs. They have no mask, prompt length or start,
    /// which belong to one prompt.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <returns>The recording of each prompt, in order. The model runs while the sequence is enumerated, batch after
    /// batch.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, or a capture, an intervention or an option does not fit
    /// the model, a prompt or another of them; thrown at once, before anything runs.</exception>
    /// <exception cref="OperationCanceledException">The runs were cancelled.</exception>
    public IEnumerable<Recording> RecordAll(
        IReadOnlyList<RecordedPrompt> prompts,
        ImmutableArray<Capture> captures,
        RecordingOptions? options = null,
        CancellationToken cancellation = default)
    {
        var groups = RecordGroups(prompts, captures, options, cancellation);
        return Runs();

        IEnumerable<Recording> Runs()
        {
            foreach (var group in groups)
                while (group.TryDequeue(out var run))
                    yield return run;
        }
    }

    /// <summary>Records as <see cref="RecordAll"/> does, and returns the recordings of prompts that run together. The
    /// reader empties each group before the next one runs, so that no recording is held that was read.</summary>
    internal IEnumerable<Queue<Recording>> RecordGroups(
        IReadOnlyList<RecordedPrompt> prompts,
        ImmutableArray<Capture> captures,
        RecordingOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        if (options is not { AttentionMask: null, PromptLength: null, Start: null })
            throw new ArgumentException(
                "The options of several prompts have a mask, a prompt length or a start: each prompt has its own mask "
                + "and prompt length, and a run from a recorded stream is recorded by itself.");
        ImmutableArray<RecordingPlan> plans = [.. prompts.Select(Plan)];
        return Groups();

        RecordingPlan Plan(RecordedPrompt prompt) => RecordingPlan.Make(
            model, prompt.TokenIds, prompt.Captures ?? captures,
            options with { AttentionMask = prompt.AttentionMask, PromptLength = prompt.PromptLength });

        IEnumerable<Queue<Recording>> Groups()
        {
            // Prompts of a batch stop after the same site.
            foreach (var group in PromptGroups.Of(
                [.. prompts.Select(prompt => prompt.TokenIds.Length)],
                (one, next) => plans[one].Last == plans[next].Last))
            {
                var (start, count) = group.GetOffsetAndLength(plans.Length);
                yield return Run(prompts, plans, group, new()
                {
                    StopAfter = plans[start].Last,
                    Progress = PartOfWork.Of(Progress, start, count, plans.Length),
                    Cancellation = cancellation,
                }, options);
            }
        }
    }

    Queue<Recording> Run(
        IReadOnlyList<RecordedPrompt> prompts,
        ImmutableArray<RecordingPlan> plans,
        Range places,
        ForwardOptions forward,
        RecordingOptions options)
    {
        var batch = new List<BatchPrompt>();
        var probes = new List<RecordingProbe>();
        var (start, end) = (places.Start.Value, places.End.Value);
        var changes = new List<InterventionProbe>();
        for (var place = start; place < end; place++)
        {
            var (ids, count) = (prompts[place].TokenIds, plans[place].LogitCount);
            probes.Add(new(model.Config, plans[place].Captures, ids.Length));
            batch.Add(new(ids)
            {
                Probe = WithChanges(probes[^1], options, changes),
                AttentionMask = prompts[place].AttentionMask,
                LogitPositions = [.. Enumerable.Range(ids.Length - count, count)],
            });
        }

        try
        {
            model.RunAll(batch, forward);
        }
        catch
        {
            probes.ForEach(probe => probe.Discard());
            throw;
        }
        finally
        {
            changes.ForEach(change => change.Dispose());
        }

        return new(probes.Select((probe, place) => Of(prompts[start + place], probe, options)));
    }

    Recording Of(RecordedPrompt prompt, RecordingProbe probe, RecordingOptions options) => new(
        ModelFingerprint.Of(model), prompt.TokenIds, prompt.AttentionMask, probe.Recorded, prompt.PromptLength,
        [.. LinesOf(options.Interventions)]);

    /// <summary>Returns the lines that describe interventions in a recording.</summary>
    internal static IEnumerable<string> LinesOf(ValueArray<Intervention> interventions) =>
        interventions.Items.Select(change => change.ToString().ReplaceLineEndings(" "));

    // The caller disposes the probe of the interventions.
    IProbe WithChanges(RecordingProbe probe, RecordingOptions options, List<InterventionProbe> changes)
    {
        if (options.Interventions.IsEmpty)
            return probe;
        changes.Add(new(model, options.Interventions.AsSpan()));
        return new ProbePair(changes[^1], probe);
    }
}

/// <summary>The options of a recorded run; change them with <c>with</c>.</summary>
public sealed record RecordingOptions
{
    /// <summary>Gets the interventions; those at one site act in this order. The recording holds the changed
    /// activations. Default: none.</summary>
    public ValueArray<Intervention> Interventions { get; init; } = [];

    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the number of tokens of the prompt, in [1, tokens]; the tokens after them were generated. Default:
    /// null, all.</summary>
    public int? PromptLength { get; init; }

    /// <summary>Gets the layer before which the run stops, <c>^1</c> for the last; the stream before that layer can
    /// still be recorded. Default: null, the run ends after the last recorded site.</summary>
    public Index? StopBefore { get; init; }

    /// <summary>Gets a recorded residual stream from which the run starts instead of the token embeddings: before a
    /// layer, in its middle or after it, at every position. Default: null, the run starts from the tokens.</summary>
    public RecordedActivation? Start { get; init; }
}
