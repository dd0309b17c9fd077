namespace RatIlgpu.Models;

/// <summary>One prompt of a batch; change it with <c>with</c>.</summary>
/// <param name="Ids">The tokens, at least one.</param>
public sealed record BatchPrompt(ValueArray<int> Ids)
{
    /// <summary>Gets the probe that is shown the activations of this prompt, as in a run of it alone; no other prompt
    /// has the same probe. Default: none.</summary>
    public IProbe? Probe { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per token. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the positions at which logits are computed, ascending. Default: null, the last ones that
    /// <see cref="ForwardOptions.LogitCount"/> says.</summary>
    public ValueArray<int>? LogitPositions { get; init; }
}

/// <summary>Prompts that run together.</summary>
/// <param name="Prompts">The prompts.</param>
/// <param name="Shown">The activations that the probe of each prompt looks at: the same for all, since the same
/// operations then make these as in a run of one prompt.</param>
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
