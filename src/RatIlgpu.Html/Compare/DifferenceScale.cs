namespace RatIlgpu.Html;

/// <summary>The shades for differences of shares, from the largest difference of a page: two traces that differ little
/// are coloured too.</summary>
/// <param name="Most">The end of the scale, at least as large as every difference; above 0, at most 1.</param>
readonly record struct DifferenceScale(double Most)
{
    /// <summary>The ends that a scale can have: of a round number of points.</summary>
    static readonly double[] Ends = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

    // Of the end of the scale, where each shade begins. The first is small, as most differences are.
    static readonly double[] Parts = [0.05, 0.125, 0.25, 0.5];

    /// <summary>Gets the smallest difference of each shade, ascending.</summary>
    public IEnumerable<double> Steps
    {
        get
        {
            var most = Most;
            return Parts.Select(part => part * most);
        }
    }

    /// <summary>Returns the scale for differences.</summary>
    public static DifferenceScale Of(ImmutableArray<ShareDifference> differences)
    {
        var largest = differences.Select(pair => pair.Size).DefaultIfEmpty().Max();
        return new(Ends.FirstOrDefault(end => end >= largest, Ends[^1]));
    }

    /// <summary>Returns the colour of a difference; null for one below the first step.</summary>
    public (string Light, string Dark)? ColourOf(ShareDifference pair) => StepOf(pair) switch
    {
        ['a', var step] => Palette.MoreInA[step - '1'],
        ['b', var step] => Palette.MoreInB[step - '1'],
        _ => null,
    };

    /// <summary>Returns the shade of a difference: the side with the larger share and a step from 1 to 4, such as
    /// <c>a2</c>; empty for a difference below the first step.</summary>
    public string StepOf(ShareDifference pair)
    {
        var step = Steps.Count(least => pair.Size >= least);
        return step == 0 || pair.Size < ShareDifference.Least
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{pair.Side}{step}");
    }

    /// <summary>Describes the steps, such as <c>1, 2.5, 5 and 10 points</c>.</summary>
    public override string ToString()
    {
        string[] points = [.. Steps.Select(step => (step * 100).ToString("0.####", CultureInfo.InvariantCulture))];
        return $"{string.Join(", ", points[..^1])} and {points[^1]} points";
    }
}
