namespace RatIlgpu.Html;

/// <summary>Sets the heights of the vertices so that ribbons run level; the order in each column stays, and no vertices
/// overlap.</summary>
static class Placement
{
    const int Passes = 30;
    const double LeastPull = 1e-9;

    // A token needs room for a label above its bar; a bend needs less.
    const double TokenGap = 26;
    const double GapBelowToken = 14;
    const double BendGap = 6;

    /// <summary>Sets the tops of all vertices, whose lanes are assigned; the smallest is 0.</summary>
    public static void Place(LayeredGraph graph, double unit)
    {
        foreach (var column in graph.Columns)
        {
            var offsets = Offsets(column, unit);
            var middle = (offsets[^1] + (column[^1].Share * unit)) / 2;
            for (var i = 0; i < column.Count; i++)
                column[i].Top = offsets[i] - middle;
        }

        for (var pass = 0; pass < Passes; pass++)
            foreach (var column in pass % 2 == 0 ? graph.Columns.Reverse() : graph.Columns)
                Relax(graph, column, unit);

        var highest = double.PositiveInfinity;
        foreach (var column in graph.Columns)
            foreach (var vertex in column)
                highest = Math.Min(highest, vertex.Top);
        foreach (var column in graph.Columns)
            foreach (var vertex in column)
                vertex.Top -= highest;
    }

    /// <summary>Returns the sum of the gaps between the vertices of a column, in pixels.</summary>
    public static double GapsOf(List<Vertex> column)
    {
        var sum = 0.0;
        for (var i = 1; i < column.Count; i++)
            sum += Gap(column[i - 1], column[i]);
        return sum;
    }

    static double Gap(Vertex above, Vertex below) => below.IsToken ? TokenGap : above.IsToken ? GapBelowToken : BendGap;

    // Less the space of the vertices above, the tops must not decrease. The tops nearest to the wished ones are then an
    // isotonic regression (pool adjacent violators).
    static void Relax(LayeredGraph graph, List<Vertex> column, double unit)
    {
        var offsets = Offsets(column, unit);
        var pools = new Stack<Pool>();
        for (var i = 0; i < column.Count; i++)
        {
            var wished = WishedTop(graph, column[i], unit) - offsets[i];
            var pool = new Pool(wished, Math.Max(column[i].Share, LeastPull), 1);
            while (pools.TryPeek(out var above) && above.Top > pool.Top)
                pool = pools.Pop().With(pool);
            pools.Push(pool);
        }

        var next = 0;
        foreach (var pool in pools.Reverse())
            for (var end = next + pool.Count; next < end; next++)
                column[next].Top = pool.Top + offsets[next];
    }

    // The top at which the ribbons to the left and right neighbours are level on average.
    static double WishedTop(LayeredGraph graph, Vertex vertex, double unit)
    {
        var (sum, weight) = (0.0, 0.0);
        foreach (var path in vertex.Paths)
        {
            var pull = Math.Max(graph.Paths.Weights[path], LeastPull);
            if (graph.LeftOf(path, vertex) is { } left)
            {
                sum += pull * (left.Top + ((left.RightLanes[path] - vertex.LeftLanes[path]) * unit));
                weight += pull;
            }

            if (graph.RightOf(path, vertex) is { } right)
            {
                sum += pull * (right.Top + ((right.LeftLanes[path] - vertex.RightLanes[path]) * unit));
                weight += pull;
            }
        }

        return weight > 0 ? sum / weight : vertex.Top;
    }

    static double[] Offsets(List<Vertex> column, double unit)
    {
        var offsets = new double[column.Count];
        for (var i = 1; i < column.Count; i++)
            offsets[i] = offsets[i - 1] + (column[i - 1].Share * unit) + Gap(column[i - 1], column[i]);
        return offsets;
    }

    /// <summary>Vertices that would overlap and therefore move as one.</summary>
    sealed record Pool(double Top, double Weight, int Count)
    {
        public Pool With(Pool below)
        {
            var weight = Weight + below.Weight;
            return new(((Top * Weight) + (below.Top * below.Weight)) / weight, weight, Count + below.Count);
        }
    }
}
