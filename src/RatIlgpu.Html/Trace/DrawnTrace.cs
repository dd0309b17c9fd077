using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Reduces a trace to the paths that a page draws, so that a page stays small, however many paths there
/// are.</summary>
static class DrawnTrace
{
    /// <summary>The largest number of paths that are drawn.</summary>
    public const int MostPaths = 200;

    /// <summary>The largest number of ribbons that are drawn; a browser draws this many in less than a
    /// second.</summary>
    public const int MostSteps = 4_000;

    /// <summary>The largest number of columns that the drawn paths cross, summed over the paths. A layout takes time
    /// and memory for each. A short file can ask for millions, because a link crosses every column between its
    /// ends.</summary>
    public const int MostPlaces = 16_000;

    /// <summary>Returns the trace with its strongest paths alone, and with the links and positions of these. Shares
    /// stay those among all paths.</summary>
    public static TraceResult Of(TraceResult result)
    {
        var candidates = result.Paths.Take(MostPaths).ToImmutableArray();
        var count = Count(new([.. candidates.Select(path => path.Positions)],
            [.. result.PathWeights.Take(candidates.Length)]));
        if (count == result.Paths.Length)
            return result;
        ImmutableArray<BeamPath> paths = candidates[..count];
        ImmutableArray<double> weights = [.. result.PathWeights.Take(count)];
        var sankey = SankeyGraph.Build(paths, weights, result.Layer, result.Tokens);
        var links = sankey.Links.Select(link => (link.Source, link.Target)).ToHashSet();
        var visited = paths.SelectMany(path => path.Positions).ToHashSet();
        return result with
        {
            Paths = paths,
            PathWeights = weights,
            PathTexts = [.. result.PathTexts.Take(count)],
            Sankey = sankey,
            Explanations = [.. result.Explanations.Where(one => links.Contains((one.Source, one.Target)))],
            SelfAttention = result.SelfAttention.Where(self => visited.Contains(self.Key))
                .ToImmutableSortedDictionary(),
            Notices = [.. result.Notices, WhyNotAll(result, count)],
        };
    }

    /// <summary>Returns the trace that the page exports: a file is read again only if its weights are the softmax of
    /// its own scores.</summary>
    public static TraceResult ForExport(TraceResult drawn, TraceResult whole)
    {
        if (drawn.Paths.Length == whole.Paths.Length)
            return whole;
        var weights = PathWeights.Softmax([.. drawn.Paths.Select(path => path.Score)]);
        var notice = string.Create(
            CultureInfo.InvariantCulture,
            $"Of {whole.Paths.Length:N0} paths this file has the {drawn.Paths.Length:N0} strongest; their weights are "
            + $"shares among these.");
        return drawn with
        {
            PathWeights = weights,
            Sankey = SankeyGraph.Build(drawn.Paths, weights, drawn.Layer, drawn.Tokens),
            Notices = [.. whole.Notices, notice],
        };
    }

    /// <summary>Returns how many paths are drawn.</summary>
    /// <param name="paths">Paths to one target, the strongest first.</param>
    public static int Count(PathSet paths)
    {
        var (count, steps) = (0, 0);
        while (count < Math.Min(paths.Paths.Length, MostPaths) && steps + paths.Paths[count].Length - 1 <= MostSteps)
            steps += paths.Paths[count++].Length - 1;

        // More paths never cross fewer columns, so a binary search finds the largest number that fits.
        var (fits, above) = (0, count + 1);
        while (above - fits > 1)
            if ((fits + above) / 2 is var middle && PlacesOf(paths.First(middle)) <= MostPlaces)
                fits = middle;
            else
                above = middle;
        return fits;
    }

    static string WhyNotAll(TraceResult result, int drawn) => drawn == 0
        ? "The strongest path is too long for a page; the JSON file of the trace has every path."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Of {result.Paths.Length:N0} paths this page has the {drawn:N0} strongest, "
            + $"{result.PathWeights.Take(drawn).Sum() * 100:F1} % of the weight, in its diagram, tables and exports; "
            + $"the JSON file of the trace has all.");

    static long PlacesOf(PathSet paths) => Enum.GetValues<ColumnMode>().Max(mode =>
    {
        var columns = ColumnAssignment.Of(paths, mode);
        return paths.Paths.Sum(path => (long)columns[path[0]] - columns[path[^1]] + 1);
    });
}
