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

    // As many rows as a product needs to be as fast as it can be.
    const int MostRows = ForwardPass.BlockRows;

    /// <summary>Returns how many of the first prompts run together: as many as have 256 tokens or fewer, at least
    /// one.</summary>
    /// <param name="lengths">The tokens of each prompt.</param>
    public static int CountTogether(IEnumerable<int> lengths)
    {
        var (count, rows) = (0, 0L);
        foreach (var length in lengths)
        {
            if ((rows += length) > MostRows)
                break;
            count++;
        }

        return Math.Max(1, count);
    }
}

/// <summary>Prompts that run together, and the activations that their probes look at.</summary>
sealed record PromptGroup(ImmutableArray<BatchPrompt> Prompts, ShownSites Shown)
{
    /// <summary>Begins the run of each prompt and puts neighbours together whose probes look at the same activations:
    /// then the same operations make the activations as in a run of one prompt.</summary>
    public static IEnumerable<PromptGroup> Of(
        IReadOnlyList<BatchPrompt> prompts, Func<BatchPrompt, ShownSites> begin)
    {
        var group = new List<BatchPrompt>();
        ShownSites? shown = null;
        foreach (var prompt in prompts)
        {
            var own = begin(prompt);
            if (shown is not null
                && (!shown.IsLike(own)
                    || BatchPrompt.CountTogether(group.Append(prompt).Select(one => one.Ids.Length)) <= group.Count))
            {
                yield return new([.. group], shown);
                group.Clear();
            }

            group.Add(prompt);
            shown = own;
        }

        if (shown is not null)
            yield return new([.. group], shown);
    }
}

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
