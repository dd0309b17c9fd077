namespace RatIlgpu.Models;

/// <summary>How to run a model; change it with <c>with</c>.</summary>
public sealed record ForwardOptions
{
    /// <summary>Gets who looks at the run. Default: nobody.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Gets whether the probe accepts the activations of a layer in blocks of consecutive positions, first to
    /// last, instead of all positions at once. A long prompt then takes less memory. Default: false.</summary>
    public bool ProbeTakesBlocks { get; init; }

    /// <summary>Gets the site after which the run stops; nothing behind it is computed. Default: the logits.</summary>
    public Site StopAfter { get; init; } = Site.Logits;

    /// <summary>Gets at how many of the last positions logits are computed. Default: all.</summary>
    public int LogitCount { get; init; } = int.MaxValue;

    /// <summary>Gets which tokens are real, 1 for a token, 0 for padding: one entry per cached position and per token
    /// of the run. Padding is never attended to; positions count it all the same. Default: null, all are.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the cache that the run reads and extends; a run that stops early does not extend it. Default:
    /// none.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Gets who is told the share of the layers done, in [0, 1]. Default: nobody.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Gets what stops the run between two blocks of positions. Default: nothing.</summary>
    public CancellationToken Cancellation { get; init; }
}
