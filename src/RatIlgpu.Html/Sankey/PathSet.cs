using System.Runtime.InteropServices;

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
    public ImmutableArray<int> Positions
    {
        get
        {
            var positions = new HashSet<int>();
            foreach (var path in Paths)
                foreach (var position in path)
                    positions.Add(position);
            var sorted = positions.ToArray();
            Array.Sort(sorted);
            return ImmutableCollectionsMarshal.AsImmutableArray(sorted);
        }
    }

    /// <summary>Gets the steps that paths take, each once, ordered by key and then query.</summary>
    public IEnumerable<(int Key, int Query)> Steps
    {
        get
        {
            // As one number, which sorts by key and then query.
            var steps = new List<long>();
            foreach (var path in Paths)
                for (var i = 1; i < path.Length; i++)
                    steps.Add(((long)path[i] << 32) | (uint)path[i - 1]);
            steps.Sort();
            for (var i = 0; i < steps.Count; i++)
                if (i == 0 || steps[i] != steps[i - 1])
                    yield return ((int)(steps[i] >> 32), (int)steps[i]);
        }
    }

    /// <summary>Returns the indices of the paths in an order that does not depend on their numbering.</summary>
    public ImmutableArray<int> CanonicalOrder()
    {
        var order = Enumerable.Range(0, Paths.Length).ToArray();
        Array.Sort(order, Compare);
        return ImmutableCollectionsMarshal.AsImmutableArray(order);
    }

    /// <summary>Returns the paths in another order.</summary>
    public PathSet Reorder(ImmutableArray<int> order)
    {
        var (paths, weights) = (new ImmutableArray<int>[order.Length], new double[order.Length]);
        for (var i = 0; i < order.Length; i++)
            (paths[i], weights[i]) = (Paths[order[i]], Weights[order[i]]);
        return new(
            ImmutableCollectionsMarshal.AsImmutableArray(paths), ImmutableCollectionsMarshal.AsImmutableArray(weights));
    }

    /// <summary>Returns the first paths.</summary>
    public PathSet First(int count) => count == Paths.Length ? this : new(Paths[..count], Weights[..count]);

    int Compare(int left, int right)
    {
        var byRoute = Paths[left].AsSpan().SequenceCompareTo(Paths[right].AsSpan());
        var byWeight = byRoute != 0 ? byRoute : Weights[right].CompareTo(Weights[left]);
        return byWeight != 0 ? byWeight : left.CompareTo(right);
    }
}
