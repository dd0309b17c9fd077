namespace RatIlgpu.Html;

/// <summary>The paths of a diagram and their weights.</summary>
/// <param name="Paths">The positions of each path, strictly decreasing, all from one target.</param>
/// <param name="Weights">The weight of each path, at least 0.</param>
sealed record PathSet(ImmutableArray<ImmutableArray<int>> Paths, ImmutableArray<double> Weights)
{
    // A softmax of many paths underflows to 0 for the last of them, never for all; paths of another source can weigh 0.
    const double LeastTotal = 1e-12;

    /// <summary>Gets the sum of the weights, above 0.</summary>
    public double Total => Math.Max(Weights.Sum(), LeastTotal);

    /// <summary>Gets the positions that paths visit, ascending.</summary>
    public ImmutableArray<int> Positions => [.. Paths.SelectMany(path => path).Distinct().Order()];

    /// <summary>Gets the steps that paths take, each once, ordered by key and then query.</summary>
    public IEnumerable<(int Key, int Query)> Steps =>
        Paths.SelectMany(path => path.Skip(1).Zip(path, (key, query) => (key, query))).Distinct().Order();

    /// <summary>Returns the indices of the paths in an order that does not depend on their numbering.</summary>
    public ImmutableArray<int> CanonicalOrder() =>
        [.. Enumerable.Range(0, Paths.Length).Order(Comparer<int>.Create(Compare))];

    /// <summary>Returns the paths in another order.</summary>
    public PathSet Reorder(ImmutableArray<int> order) =>
        new([.. order.Select(path => Paths[path])], [.. order.Select(path => Weights[path])]);

    /// <summary>Returns the first paths.</summary>
    public PathSet First(int count) => count == Paths.Length ? this : new(Paths[..count], Weights[..count]);

    int Compare(int left, int right)
    {
        var byRoute = Paths[left].AsSpan().SequenceCompareTo(Paths[right].AsSpan());
        var byWeight = byRoute != 0 ? byRoute : Weights[right].CompareTo(Weights[left]);
        return byWeight != 0 ? byWeight : left.CompareTo(right);
    }
}
