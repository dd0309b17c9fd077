using System.Collections.Immutable;

namespace RatIlgpu.Tracing;

/// <summary>Searches attention backwards, from a position to the positions it goes back to.</summary>
public static class BeamSearch
{
    /// <summary>Finds the best paths, best first; of paths with the same score the one finished first.</summary>
    /// <remarks>Each round takes every live path one step back, to each of the <see cref="TraceOptions.TopK"/> keys its
    /// last position pays most to (of equals the smaller key), and scores it with the sum of <c>log(max(a, 1e-12))</c>,
    /// normalised. A path is finished at position 0, where <paramref name="endsAt"/> says so, or where no step is left.
    /// Of the others the best <see cref="TraceOptions.TopBeam"/> live on; finished paths compete at the end only.
    /// Memory grows with the paths kept, not with those tried.</remarks>
    /// <param name="attention">Where rows are asked for, once for every position a live path reaches.</param>
    /// <param name="target">The position where paths start, in [0, <see cref="IAttentionRows.Length"/>).</param>
    /// <param name="options">Says how many paths and steps are kept, which steps exist, how scores are normalised and
    /// which keys are masked; what says where rows come from is not looked at.</param>
    /// <param name="endsAt">Tells whether a path ends when it reaches a position; null for position 0 only.</param>
    /// <param name="cancellationToken">Ends the search between two rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target is not there, or an option is out of range.</exception>
    /// <exception cref="ArgumentException">The mask ends before the target.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static ImmutableArray<BeamPath> Search(
        IAttentionRows attention,
        int target,
        TraceOptions options,
        Func<int, bool>? endsAt = null,
        CancellationToken cancellationToken = default)
    {
        Check(attention, target, options);
        var normalization = options.LengthNormalization;
        var predecessors = new Predecessors(attention, options);
        var finished = new Best<Step>(options.TopBeam);
        for (Step[] live = [new(target)]; live.Length > 0;)
        {
            var grown = new Best<Step>(options.TopBeam);
            foreach (var path in live)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var edges = predecessors.Of(path.Position);
                if (edges.IsEmpty)
                    finished.Add(path, path.Score(normalization));
                foreach (var edge in edges)
                {
                    var longer = path.To(edge);
                    var ends = edge.Key == 0 || endsAt is not null && endsAt(edge.Key);
                    (ends ? finished : grown).Add(longer, longer.Score(normalization));
                }
            }

            live = grown.Take();
        }

        return [.. finished.Take().Select(path => path.ToPath(normalization))];
    }

    static void Check(IAttentionRows attention, int target, TraceOptions options)
    {
        options.Check();
        if (target < 0 || target >= attention.Length)
            throw new ArgumentOutOfRangeException(null, FormattableString.Invariant(
                $"target_pos is {target}, expected 0 to {attention.Length - 1}."));
        if (options.AttentionMask is { } mask && mask.Length <= target)
            throw new ArgumentException(
                $"attention_mask has {mask.Length} entries, expected one for each of the {target + 1} positions.");
    }
}
