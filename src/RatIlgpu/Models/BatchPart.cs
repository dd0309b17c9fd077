namespace RatIlgpu.Models;

/// <summary>What one prompt of a batch has to itself; change it with <c>with</c>.</summary>
public abstract record BatchPart
{
    private protected BatchPart()
    {
    }

    /// <summary>Gets the probe that is shown the activations of this prompt, as in a run of it alone. No two prompts of
    /// a batch have the same probe. Default: none.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Gets the cache of earlier positions, which is read, and extended or not, as in a run of this prompt
    /// alone. No two prompts of a batch have the same cache. Default: none.</summary>
    /// <remarks>Prompts that run together have the keys and values of a layer in their caches from its scores on: a run
    /// that stops before them leaves that layer out.</remarks>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per cached position and per position
    /// that is computed. Default: null, no padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the positions at which logits are computed, ascending, from 0 at the first that is computed.
    /// Default: null, as many last positions as <see cref="ForwardOptions.LogitCount"/>.</summary>
    public ValueArray<int>? LogitPositions { get; init; }

    /// <summary>Gets the number of positions to compute.</summary>
    internal abstract int PositionCount { get; }

    /// <summary>Gets the rows of a position.</summary>
    internal abstract int RowsOfPosition { get; }
}
