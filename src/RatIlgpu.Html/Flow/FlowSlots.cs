namespace RatIlgpu.Html;

/// <summary>The places of the paths that visit a position, one below the other: each path keeps its place in all
/// columns.</summary>
/// <param name="Position">The position.</param>
/// <param name="Tops">The weight of the paths above each path, by its index.</param>
/// <param name="Weight">The weight of all paths that visit the position.</param>
/// <param name="PathWeights">The weight of each path, by its index.</param>
sealed record FlowSlots(
    int Position, ImmutableSortedDictionary<int, double> Tops, double Weight, ImmutableArray<double> PathWeights)
{
    /// <summary>Returns the positions that paths visit, ascending, with the places of their paths.</summary>
    /// <param name="paths">The paths, by places.</param>
    /// <param name="tokens">The number of tokens of the prompt.</param>
    public static ImmutableArray<FlowSlots> Of(PathSet paths, int tokens)
    {
        var visitors = new SortedDictionary<int, List<Visit>>();
        foreach (var (path, places) in paths.Paths.Index())
            for (var start = 0; start < places.Length;)
            {
                var (position, end) = (places[start] % tokens, start);
                while (end + 1 < places.Length && places[end + 1] % tokens == position)
                    end++;
                if (!visitors.TryGetValue(position, out var list))
                    visitors.Add(position, list = []);
                list.Add(new(path, places, start, end));
                start = end + 1;
            }

        return [.. visitors.Select(lane => Stack(lane.Key, lane.Value, paths))];
    }

    /// <summary>Returns the weight between the top and the middle of a path.</summary>
    public double MiddleOf(int path) => Tops[path] + (PathWeights[path] / 2);

    /// <summary>Returns the columns in which there are paths, ascending, with the weight above the first and above the
    /// end of the last.</summary>
    public IEnumerable<KeyValuePair<int, (double Start, double End)>> Columns(PathSet paths, int tokens)
    {
        var columns = new SortedDictionary<int, (double Start, double End)>();
        foreach (var (path, top) in Tops)
            foreach (var place in paths.Paths[path].Where(place => place % tokens == Position))
            {
                var (start, end) = columns.GetValueOrDefault(place / tokens, (top, top));
                columns[place / tokens] = (Math.Min(start, top), Math.Max(end, top + PathWeights[path]));
            }

        return columns;
    }

    static FlowSlots Stack(int position, List<Visit> visits, PathSet paths)
    {
        visits.Sort();
        var (tops, top) = (ImmutableSortedDictionary.CreateBuilder<int, double>(), 0.0);
        foreach (var visit in visits)
        {
            tops.Add(visit.Path, top);
            top += paths.Weights[visit.Path];
        }

        return new(position, tops.ToImmutable(), top, paths.Weights);
    }

    /// <summary>A path at a position, from one step to another; steps count from the target.</summary>
    /// <remarks>A path comes from below, from a later position, and goes on upward. The one that goes on first is above
    /// the others, and so is the one that goes higher; of those that go on together, the one that came first.</remarks>
    sealed record Visit(int Path, ImmutableArray<int> Places, int Start, int End) : IComparable<Visit>
    {
        public int CompareTo(Visit? other)
        {
            if (other is null)
                return 1;
            var byEnd = End.CompareTo(other.End);
            var byOnward = byEnd != 0
                ? byEnd
                : Places.AsSpan()[End..].SequenceCompareTo(other.Places.AsSpan()[other.End..]);
            var byStart = byOnward != 0 ? byOnward : Start.CompareTo(other.Start);
            for (var back = 1; byStart == 0 && back <= Start; back++)
                byStart = Places[Start - back].CompareTo(other.Places[other.Start - back]);
            return byStart != 0 ? byStart : Path.CompareTo(other.Path);
        }
    }
}
