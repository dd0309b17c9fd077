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
        var forward = new ForwardOptions
        {
            Probe = options.Interventions.IsEmpty
                ? probe
                : new ProbePair(new InterventionProbe(model, options.Interventions.AsSpan()), probe),
            AttentionMask = options.AttentionMask,
            StopAfter = plan.Last,
            LogitCount = plan.LogitCount,
            Progress = Progress,
            Cancellation = cancellation,
        };
        plan.Run(model, ids, forward);
        return new(ModelFingerprint.Of(model), [.. ids], options.AttentionMask, probe.Recorded);
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
    public ValueArray<int>? AttentionMask { get; init; }

    /// <summary>Gets the layer before which the run stops, <c>^1</c> for the last; the stream before that layer can
    /// still be recorded. Default: null, the run ends after the last recorded site.</summary>
    public Index? StopBefore { get; init; }

    /// <summary>Gets a recorded residual stream from which the run starts instead of the token embeddings: before a
    /// layer, in its middle or after it, at every position. Default: null, the run starts from the tokens.</summary>
    public RecordedActivation? Start { get; init; }
}
