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
    /// <param name="attention">The rows of attention; a row is asked for once, when a live path reaches its
    /// position.</param>
    /// <param name="target">The position where paths start, in [0, <see cref="IAttentionRows.Length"/>).</param>
    /// <param name="options">The numbers of paths and steps kept, the least attention, the normalisation and the mask;
    /// <see cref="TraceOptions.TargetPosition"/>, <see cref="TraceOptions.Layer"/>, <see cref="TraceOptions.Heads"/>
    /// and <see cref="TraceOptions.BosTokenId"/> are ignored.</param>
    /// <param name="endsAt">Tells whether a path ends when it reaches a position; null for position 0 only.</param>
    /// <param name="cancellation">Ends the search between two rows.</param>
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
        var predecessors = new Predecessors(attention, options);
        var finished = new TopK<Step>(options.TopBeam);
        for (Step[] live = [new(target)]; live.Length > 0;)
        {
            var grown = new TopK<Step>(options.TopBeam);
            foreach (var path in live)
            {
                cancellation.ThrowIfCancellationRequested();
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
            throw new ArgumentOutOfRangeException(nameof(target), FormattableString.Invariant(
                $"The target is {target}, expected 0 to {attention.Length - 1}."));
        if (options.AttentionMask is { } mask && mask.Length <= target)
            throw new ArgumentException(
                $"AttentionMask has {mask.Length} entries, expected one for each of the {target + 1} positions.",
                nameof(options));
    }
}

/// <summary>One step of a path: the attention that some query pays to a key.</summary>
readonly record struct Edge(int Key, float Attention);

/// <summary>Finds the steps from a position, and asks for every row of attention once.</summary>
sealed class Predecessors(IAttentionRows attention, TraceOptions options)
{
    readonly Dictionary<int, Edge[]> known = [];

    /// <summary>Returns the steps from a position, largest attention first; of equals the smaller key first.</summary>
    public ReadOnlySpan<Edge> Of(int position)
    {
        if (!known.TryGetValue(position, out var edges))
            known.Add(position, edges = Find(position));
        return edges;
    }

    Edge[] Find(int position)
    {
        var best = new TopK<Edge>(options.TopK);
        var mask = options.AttentionMask;
        var row = attention.Row(position)[..position];
        // Attention is float, and so is what it is compared with: 0.7 lets 0.7f pass, which is smaller.
        var least = (float)options.MinAttention;
        for (var key = 0; key < row.Length; key++)
            if (row[key] > 0 && row[key] >= least && (mask is not { } real || real[key] != 0))
                best.Add(new(key, row[key]), row[key]);
        return best.Take();
    }
}

/// <summary>The end of a path that is being searched; the steps before it are shared between paths.</summary>
sealed class Step
{
    // Keeps the logarithm of a vanishing attention finite.
    const double SmallestAttention = 1e-12;

    readonly Step? previous;
    readonly double attention;

    /// <summary>Starts a path.</summary>
    public Step(int target) => Position = target;

    Step(Step previous, Edge edge)
    {
        this.previous = previous;
        attention = edge.Attention;
        Position = edge.Key;
        EdgeCount = previous.EdgeCount + 1;
        RawScore = previous.RawScore + LogOf(attention);
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

/// <summary>Keeps the k best of many items: the first k of a stable sort, best first.</summary>
/// <param name="capacity">The number of items kept, at least 1.</param>
sealed class TopK<T>(int capacity)
{
    readonly PriorityQueue<T, Rank> worstFirst = new();
    long added;

    /// <summary>Offers an item; of two with the same score the one offered first is the better.</summary>
    public void Add(T item, double score)
    {
        var rank = new Rank(score, added++);
        if (worstFirst.Count < capacity)
            worstFirst.Enqueue(item, rank);
        else
            worstFirst.EnqueueDequeue(item, rank);
    }

    /// <summary>Returns the items kept, best first, and forgets them.</summary>
    public T[] Take()
    {
        var items = new T[worstFirst.Count];
        for (var i = items.Length - 1; i >= 0; i--)
            items[i] = worstFirst.Dequeue();
        return items;
    }

    readonly record struct Rank(double Score, long Order) : IComparable<Rank>
    {
        public int CompareTo(Rank other) => Score.CompareTo(other.Score) is not 0 and var byScore
            ? byScore
            : other.Order.CompareTo(Order);
    }
}
