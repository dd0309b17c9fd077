namespace RatIlgpu.Html.Sankey;

/// <summary>Chooses which paths are drawn: all, or as many of the first, which are the strongest, as can be seen and
/// laid out at once.</summary>
/// <remarks>A short file can ask for millions of bends: a link crosses every column between its ends.</remarks>
static class DrawnPaths
{
    /// <summary>How many paths are drawn at most.</summary>
    public const int MostPaths = 500;

    /// <summary>How many ribbons are drawn at most: a browser draws so many in less than a second.</summary>
    public const int MostSteps = 4_000;

    /// <summary>How many columns the paths cross at most, all together: what a layout takes time and memory for.
    /// </summary>
    public const int MostPlaces = 16_000;

    /// <summary>Returns how many paths are drawn, of those with the same target that are given strongest
    /// first.</summary>
    public static int Count(PathSet paths)
    {
        var (count, steps) = (0, 0);
        while (count < Math.Min(paths.Paths.Length, MostPaths) && steps + paths.Paths[count].Length - 1 <= MostSteps)
            steps += paths.Paths[count++].Length - 1;

        // More paths never make columns fewer, so what fits is found by halving.
        var (fits, above) = (0, count + 1);
        while (above - fits > 1)
            if ((fits + above) / 2 is var middle && PlacesOf(paths.First(middle)) <= MostPlaces)
                fits = middle;
            else
                above = middle;
        return fits;
    }

    static long PlacesOf(PathSet paths) => Enum.GetValues<ColumnMode>().Max(mode =>
    {
        var columns = ColumnAssignment.Of(paths, mode);
        return paths.Paths.Sum(path => (long)columns[path[0]] - columns[path[^1]] + 1);
    });
}
