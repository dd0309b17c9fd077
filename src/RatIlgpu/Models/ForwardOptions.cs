namespace RatIlgpu.Models;

/// <summary>The options of a run; change them with <c>with</c>.</summary>
public sealed record ForwardOptions
{
    /// <summary>Gets the probe that is shown the activations of the run. Default: none.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Gets whether the probe accepts the activations of a layer in blocks of consecutive positions, first to
    /// last, instead of all positions at once. A long prompt then takes less memory.
    /// <see cref="Qwen2Model.RunAll"/> then computes the final norm and the logits in blocks, too. Default:
    /// false.</summary>
    public bool ProbeTakesBlocks { get; init; }

    /// <summary>Gets whether the probe accepts the final norm and the logits in blocks, though not the activations of a
    /// layer.</summary>
    internal bool ProbeTakesLogitBlocks { get; init; }

    /// <summary>Gets the site after which the run stops; nothing after it is computed. Default: the logits.</summary>
    public Site StopAfter { get; init; } = Site.Logits;

    /// <summary>Gets the number of last positions at which logits are computed. Default: all.</summary>
    public int LogitCount { get; init; } = int.MaxValue;

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per cached position and per token of the
    /// run. Padding is never attended to, but counts as a position. Default: null, no padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the cache that the run reads and extends; a run that stops early does not extend it. Default:
    /// none.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Gets the receiver of the share of the layers done, in [0, 1]. Default: none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Gets the token that stops the run between two activations. Default: none.</summary>
    public CancellationToken Cancellation { get; init; }
}
