using RatIlgpu.Devices;

namespace RatIlgpu.Tracing;

/// <summary>Searches attention backwards, from a position to the positions it goes back to.</summary>
public static class BeamSearch
{
    /// <summary>Finds the best paths, best first; of paths with the same score the one finished first.</summary>
    /// <remarks>Expansion: each round takes every live path one step back, to each of the
    /// <see cref="TraceOptions.TopK"/> keys that its last position attends to most (of equals the smaller key), and
    /// scores it with the normalised sum of <c>log(max(a, 1e-12))</c>. Termination: a path is finished at position 0,
    /// where <paramref name="endsAt"/> says so, or where no step is left. Pruning: the best
    /// <see cref="TraceOptions.TopBeam"/> unfinished paths stay live, and finished paths compete only at the
    /// end.</remarks>
    /// <param name="attention">The rows of attention; a row is asked for once, when the first live path goes on from
    /// its position, and the rows of one round are prepared together.</param>
    /// <param name="target">The position where paths start, in [0, <see cref="IAttentionRows.Length"/>).</param>
    /// <param name="options">The numbers of paths and steps kept, the least attention, the normalisation and the mask;
    /// <see cref="TraceOptions.TargetPosition"/>, <see cref="TraceOptions.Layer"/>, <see cref="TraceOptions.Heads"/>
    /// and <see cref="TraceOptions.BosTokenId"/> are ignored.</param>
    /// <param name="endsAt">Tells whether a path ends when it reaches a position; null for position 0 only.</param>
    /// <param name="cancellation">Ends the search; the rows of one round are computed whole.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target or an option is out of range.</exception>
    /// <exception cref="ArgumentException">The mask ends before the target.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static ImmutableArray<BeamPath> Search(
        IAttentionRows attention,
        int target,
        TraceOptions options,
        Func<int, bool>? endsAt = null,
        CancellationToken cancellation = default)
    {
        Check(attention, target, options);
        var normalization = options.LengthNormalization;
        var predecessors = new Predecessors(attention, target, options, endsAt);
        var finished = new TopK<Step>(options.TopBeam);
        for (Step[] live = [new(target)]; live.Length > 0;)
        {
            var grown = new TopK<Step>(options.TopBeam);
            predecessors.Prepare(live);
            foreach (var path in live)
            {
                cancellation.ThrowIfCancellationRequested();
                var edges = predecessors.Of(path.Position);
                if (edges.IsEmpty)
                    finished.Add(path, path.Score(normalization));
                foreach (var edge in edges)
                {
                    var kept = edge.Ends ? finished : grown;
                    var score = path.ScoreWith(edge, normalization);
                    // Most of many paths are no better than those at hand: they are never made.
                    if (kept.Takes(score))
                        kept.Add(path.To(edge), score);
                }
            }

            live = grown.Take();
            predecessors.ForgetAllAbove(live.Length == 0 ? 0 : live.Max(path => path.Position));
        }

        return [.. finished.Take().Select(path => path.ToPath(normalization))];
    }

    static void Check(IAttentionRows attention, int target, TraceOptions options)
    {
        options.Check();
        if (target < 0 || target >= attention.Length)
            throw new ArgumentOutOfRangeException(nameof(target), FormattableString.Invariant(
                $"The target is {target}, expected 0 to {attention.Length - 1}."));
        if (options.AttentionMask is { } mask && mask.Length <= target)
            throw new ArgumentException(
                $"AttentionMask has {mask.Length} entries, expected one for each of the {target + 1} positions.",
                nameof(options));
    }
}

/// <summary>One step of a path: the attention that some query pays to a key, its logarithm, and whether paths end
/// there.</summary>
readonly record struct Edge(int Key, float Attention, double Logarithm, bool Ends)
{
    /// <summary>Makes a step.</summary>
    public static Edge Of(int key, float attention, bool ends) => new(key, attention, Step.LogOf(attention), ends);
}

/// <summary>Finds the steps from a position, and asks for every row of attention once.</summary>
sealed class Predecessors(IAttentionRows attention, int target, TraceOptions options, Func<int, bool>? endsAt)
{
    readonly Edge[]?[] known = new Edge[]?[target + 1];
    int highest = target;

    /// <summary>Returns the steps from a position that can be on a path that is kept, largest attention first; of
    /// equals the smaller key first.</summary>
    public ReadOnlySpan<Edge> Of(int position) => known[position] ??= Find(position);

    /// <summary>Says which rows the next paths need that were not asked for before.</summary>
    public void Prepare(IEnumerable<Step> paths) => attention.Prepare(
        [.. paths.Select(path => path.Position).Where(position => known[position] is null).Distinct()]);

    /// <summary>Forgets the steps from positions that no live path will reach again.</summary>
    public void ForgetAllAbove(int position)
    {
        for (; highest > position; highest--)
            known[highest] = null;
    }

    Edge[] Find(int position)
    {
        var best = new TopK<int>(options.TopK);
        var mask = options.AttentionMask;
        var row = attention.Row(position)[..position];
        // Attention is float, and so is what it is compared with: 0.7 lets 0.7f pass, which is smaller.
        var least = (float)options.MinAttention;
        for (var key = 0; key < row.Length; key++)
            if (row[key] > 0 && row[key] >= least && (mask is not { } real || real[key] != 0) && best.Takes(row[key]))
                best.Add(key, row[key]);
        var edges = new List<Edge>();
        var goingOn = 0;
        foreach (var key in best.Take())
        {
            var ends = key == 0 || endsAt is not null && endsAt(key);
            // Of the paths that one path grows into, no more than TopBeam live on: the first.
            if (ends || goingOn++ < options.TopBeam)
                edges.Add(Edge.Of(key, row[key], ends));
        }

        return [.. edges];
    }
}

/// <summary>The end of a path that is being searched; the steps before it are shared between paths.</summary>
sealed class Step
{
    // Keeps the logarithm of a vanishing attention finite.
    const double SmallestAttention = 1e-12;

    readonly Step? previous;
    readonly float attention;

    /// <summary>Starts a path.</summary>
    public Step(int target) => Position = target;

    Step(Step previous, Edge edge)
    {
        this.previous = previous;
        attention = edge.Attention;
        Position = edge.Key;
        EdgeCount = previous.EdgeCount + 1;
        RawScore = previous.RawScore + edge.Logarithm;
    }

    /// <summary>Gets the position the path has reached.</summary>
    public int Position { get; }

    int EdgeCount { get; }

    double RawScore { get; }

    /// <summary>Returns the logarithm that a step adds to the raw score.</summary>
    public static double LogOf(double attention) => Math.Log(Math.Max(attention, SmallestAttention));

    /// <summary>Makes a path one step longer.</summary>
    public Step To(Edge edge) => new(this, edge);

    /// <summary>Returns the score of the path, normalised by length.</summary>
    public double Score(LengthNormalization normalization) => normalization.Apply(RawScore, EdgeCount);

    /// <summary>Returns the score of the path that is one step longer.</summary>
    public double ScoreWith(Edge edge, LengthNormalization normalization) =>
        normalization.Apply(RawScore + edge.Logarithm, EdgeCount + 1);

    /// <summary>Returns the whole path.</summary>
    public BeamPath ToPath(LengthNormalization normalization)
    {
        var positions = new int[EdgeCount + 1];
        var attentions = new double[EdgeCount];
        var step = this;
        for (var i = EdgeCount; i > 0; i--, step = step.previous!)
            (positions[i], attentions[i - 1]) = (step.Position, step.attention);
        positions[0] = step.Position;
        return new([.. positions], [.. attentions], RawScore, Score(normalization));
    }
}
