using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

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
