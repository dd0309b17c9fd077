namespace RatIlgpu.Analysis;

/// <summary>Rolls the heads of a run out as they come, and passes on those that were asked for: the last one of each
/// layer with the rollout through it.</summary>
/// <param name="device">The device that multiplies.</param>
/// <param name="tokenCount">The number of tokens of the prompt.</param>
/// <param name="asked">The heads that were asked for.</param>
/// <param name="each">Receives these.</param>
sealed class RolledHeads(
    Device device, int tokenCount, ImmutableArray<HeadIndex> asked, Action<HeadAttention> each) : IDisposable
{
    readonly AttentionRollout rollout = new(device, tokenCount);
    readonly HashSet<HeadIndex> wanted = [.. asked];
    readonly HashSet<HeadIndex> lastOfLayers = [.. asked.GroupBy(head => head.Layer).Select(layer => layer.Last())];

    /// <summary>Returns all heads up to the last layer that was asked for: in each layer those that were not asked for
    /// come first, so that the layer is complete with its last one.</summary>
    public static ImmutableArray<HeadIndex> Needed(ImmutableArray<HeadIndex> asked, int headCount) =>
    [
        .. Enumerable.Range(0, asked.Max(head => head.Layer) + 1).SelectMany(layer =>
        {
            HeadIndex[] shown = [.. asked.Where(head => head.Layer == layer)];
            return Enumerable.Range(0, headCount).Select(head => new HeadIndex(layer, head)).Except(shown)
                .Concat(shown);
        }),
    ];

    /// <summary>Throws if a prompt is too long.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    public static void CheckLength(int tokenCount)
    {
        if (tokenCount > AttentionRollout.MostTokens)
            throw new ArgumentException(
                $"The prompt has {tokenCount} tokens, and a rollout multiplies squares of them: at most "
                + $"{AttentionRollout.MostTokens} are allowed; shorten the prompt, or leave the rollout out.");
    }

    /// <summary>Adds the next head.</summary>
    public void Add(HeadAttention head)
    {
        rollout.Add(head);
        if (!wanted.Contains(head.Head))
            return;
        if (!lastOfLayers.Contains(head.Head))
        {
            each(head);
            return;
        }

        var rows = rollout.ToRows();
        each(head.With((first, into) => rows.AsSpan(first * tokenCount, into.Length).CopyTo(into)));
    }

    public void Dispose() => rollout.Dispose();
}
