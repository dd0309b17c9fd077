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
