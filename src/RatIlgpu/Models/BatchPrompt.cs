namespace RatIlgpu.Models;

/// <summary>One prompt of a batch; change it with <c>with</c>. Its cache is extended, as by
/// <see cref="Qwen2Model.Run"/>.</summary>
/// <param name="Ids">The tokens, at least one.</param>
public sealed record BatchPrompt(ValueArray<int> Ids) : BatchPart
{
    internal override int PositionCount => Ids.Length;

    internal override int RowsOfPosition => 1;
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
