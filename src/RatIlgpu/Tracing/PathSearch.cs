namespace RatIlgpu.Tracing;

/// <summary>The result of a search over rows of attention.</summary>
sealed record PathSearch(
    ImmutableArray<BeamPath> Paths,
    ImmutableSortedDictionary<int, double> SelfAttention,
    ImmutableArray<double> TargetAttention)
{
    /// <summary>Searches from the target of resolved options. Paths end at some positions.</summary>
    public static PathSearch Over(
        RememberedRows rows, ImmutableHashSet<int> ends, TraceOptions options, CancellationToken cancellation)
    {
        var target = options.TargetPosition.Value;
        var noted = new NotedRows(rows, target);
        var paths = BeamSearch.Search(noted, target, options, ends.Contains, cancellation);
        int[] met = [.. paths.SelectMany(path => path.Positions).Distinct()];
        // The search does not ask for the rows at which paths end.
        noted.Prepare([.. met.Where(position => !noted.Has(position))]);
        var self = met.ToImmutableSortedDictionary(position => position, noted.SelfAttention);
        return new PathSearch(paths, self, noted.OfTarget);
    }

    /// <summary>Returns the positions at which paths end: those of the BOS token of the options.</summary>
    public static ImmutableHashSet<int> EndsOf(ReadOnlySpan<int> ids, TraceOptions options)
    {
        if (!options.StopAtBos || options.BosTokenId is not { } bos)
            return [];
        var ends = ImmutableHashSet.CreateBuilder<int>();
        for (var position = 0; position < ids.Length; position++)
            if (ids[position] == bos)
                ends.Add(position);
        return ends.ToImmutable();
    }

    // Stores each row's self-attention and the target's row, so the result needs no second computation.
    sealed class NotedRows(IAttentionRows attention, int target) : IAttentionRows
    {
        readonly Dictionary<int, double> self = [];

        public int Length => attention.Length;

        public ImmutableArray<double> OfTarget { get; private set; } = [];

        public ReadOnlySpan<float> Row(int position)
        {
            var row = attention.Row(position)[..(position + 1)];
            self[position] = row[position];
            if (position == target)
                OfTarget = [.. row.ToArray().Select(share => (double)share)];
            return row;
        }

        public void Prepare(ReadOnlySpan<int> positions) => attention.Prepare(positions);

        public bool Has(int position) => self.ContainsKey(position);

        public double SelfAttention(int position)
        {
            if (!Has(position))
                Row(position);
            return self[position];
        }
    }
}

/// <summary>Rows of attention that several searches visit; those that fit 64 MB are computed once.</summary>
/// <param name="attention">The rows.</param>
/// <param name="searches">The number of searches; for a single one nothing is remembered.</param>
sealed class RememberedRows(IAttentionRows attention, int searches) : IAttentionRows
{
    const int MostNumbers = 16 << 20;

    readonly Dictionary<int, float[]> remembered = [];
    int free = searches > 1 ? MostNumbers : 0;

    /// <inheritdoc/>
    public int Length => attention.Length;

    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<int> positions) =>
        attention.Prepare([.. positions.ToArray().Where(position => !remembered.ContainsKey(position))]);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Row(int position)
    {
        if (remembered.TryGetValue(position, out var known))
            return known;
        var row = attention.Row(position)[..(position + 1)];
        if (row.Length > free)
            return row;
        free -= row.Length;
        return remembered[position] = row.ToArray();
    }
}
