using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>One prompt of a batch; change it with <c>with</c>.</summary>
/// <param name="Ids">The tokens, at least one.</param>
public sealed record BatchPrompt(ValueArray<int> Ids)
{
    /// <summary>Gets the probe that is shown the activations of this prompt, as in a run of it alone. No two prompts of
    /// a batch have the same probe. Default: none.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Gets the cache that the run of this prompt reads and extends, as in a run of it alone. No two prompts
    /// of a batch have the same cache. Default: none.</summary>
    /// <remarks>Prompts that run together have the keys and values of a layer in their caches from its scores on: a run
    /// that stops before them leaves that layer out.</remarks>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per cached position and per token.
    /// Default: null, no padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the positions at which logits are computed, ascending. Default: null, as many last positions as
    /// <see cref="ForwardOptions.LogitCount"/>.</summary>
    public ValueArray<int>? LogitPositions { get; init; }
}

/// <summary>The residual stream from which one prompt of a batch runs; change it with <c>with</c>.</summary>
/// <param name="Stream">The stream, <c>[positions · branches, width]</c>; it is not changed. The rows of one position,
/// one for each branch, lie together.</param>
public sealed record BatchStream(Tensor Stream)
{
    /// <summary>Gets how many continuations of the same cached positions are run at once, at least 1; they do not see
    /// each other. Default: 1.</summary>
    public int Branches { get; init; } = 1;

    /// <summary>Gets the probe that is shown the activations of this stream, as in a run of it alone. No two streams of
    /// a batch have the same probe. Default: none.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Gets the cache of the positions before the stream, which is read and not extended, as in
    /// <see cref="Qwen2Model.RunFrom"/>. No two streams of a batch have the same cache. Default: none.</summary>
    /// <remarks>Of a stream of one branch the memory behind those positions is overwritten.</remarks>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per cached position and per position of
    /// the stream. Default: null, no padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the positions at which logits are computed, ascending, from 0 at the first of the stream. Default:
    /// null, as many last positions as <see cref="ForwardOptions.LogitCount"/>.</summary>
    public ValueArray<int>? LogitPositions { get; init; }

    /// <summary>Gets the number of positions.</summary>
    internal int Positions => Stream.Shape[0] / Branches;

    /// <summary>Gets what belongs to the prompt.</summary>
    internal BatchPrompt Prompt => new([])
    {
        Probe = Probe,
        Cache = Cache,
        AttentionMask = AttentionMask,
        LogitPositions = LogitPositions,
    };
}

/// <summary>Prompts that run together.</summary>
/// <param name="Prompts">The prompts.</param>
/// <param name="Shown">The activations that the probes look at. All probes of a group look at the same ones, so that
/// each prompt is computed by the operations of a run of its own.</param>
sealed record PromptGroup(ImmutableArray<BatchPrompt> Prompts, ShownSites Shown);

/// <summary>Tells how far a batch has come.</summary>
sealed class BatchProgress(IProgress<double>? listener, long rows)
{
    long before;

    /// <summary>Returns the listener to the next run, of some rows.</summary>
    public IProgress<double>? Next(long own)
    {
        var first = before;
        before += own;
        return listener is null ? null : new Share(done => listener.Report((first + done * own) / rows));
    }

    sealed class Share(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
