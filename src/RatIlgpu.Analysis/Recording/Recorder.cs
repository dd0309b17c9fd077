using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Runs a model and records activations; what nobody asks for costs nothing.</summary>
/// <param name="model">The model.</param>
public sealed class Recorder(Qwen2Model model)
{
    /// <summary>Gets who is told the share of the layers run, in [0, 1]. Default: nobody.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Records a run.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="captures">What to record; at most one capture for a site.</param>
    /// <param name="options">How to run; null for a plain run.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or a capture, an intervention or an option does not fit
    /// the model, the prompt or another one.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Recording Record(
        ReadOnlySpan<int> ids,
        ImmutableArray<Capture> captures,
        RecordingOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        var plan = RecordingPlan.Make(model, ids, captures, options);
        var keeping = new KeepingProbe(model.Config, plan.Captures, ids.Length);
        var forward = new ForwardOptions
        {
            Probe = options.Interventions.IsEmpty
                ? keeping
                : new ProbePair(new InterventionProbe(model, options.Interventions), keeping),
            AttentionMask = options.AttentionMask,
            StopAfter = plan.Last,
            LogitCount = plan.LogitCount,
            Progress = Progress,
            Cancellation = cancellation,
        };
        plan.Run(model, ids, forward);
        return new(ModelFingerprint.Of(model), [.. ids], options.AttentionMask, keeping.Kept);
    }
}

/// <summary>How to run a model that is recorded; change it with <c>with</c>.</summary>
public sealed record RecordingOptions
{
    /// <summary>Gets what to change in the run; at one site, in this order. What is recorded is what the change left.
    /// Default: nothing.</summary>
    public ImmutableArray<Intervention> Interventions
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>Gets which tokens are real, 1 for a token, 0 for padding. Default: null, all are.</summary>
    public ImmutableArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the layer that the run stops before, after recording its input if that was asked for;
    /// <c>^1</c> for the last. Default: null, the run goes to the last site asked for.</summary>
    public Index? StopBefore { get; init; }

    /// <summary>Gets the stream that the run starts from in place of the token embeddings: that before or in the middle
    /// of a layer, or after the last, at every position. Default: null, the run starts from the tokens.</summary>
    public RecordedActivation? Start { get; init; }
}
