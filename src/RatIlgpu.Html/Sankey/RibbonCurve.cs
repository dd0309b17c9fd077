namespace RatIlgpu.Html;

/// <summary>Draws the lines of ribbons for a static figure, as the script of a page does.</summary>
static class RibbonCurve
{
    // Of the distance between two points: how far a line keeps its direction there.
    const double Reach = 0.45;

    /// <summary>Returns the path of a smooth line through points, level at its ends and turning points.</summary>
    public static string Of(ImmutableArray<(double X, double Y)> points)
    {
        // The page has tenths of pixels; from the same numbers come the same lines.
        ImmutableArray<(double X, double Y)> line =
            [.. points.Select(point => (Math.Round(point.X, 1), Math.Round(point.Y, 1)))];
        var path = new StringBuilder($"M{Short(line[0].X)} {Short(line[0].Y)}");
        for (var i = 0; i + 1 < line.Length; i++)
        {
            var ((x, y), (endX, endY)) = (line[i], line[i + 1]);
            var reach = (endX - x) * Reach;
            double[] numbers =
                [x + reach, y + (Turn(line, i) * reach), endX - reach, endY - (Turn(line, i + 1) * reach), endX, endY];
            path.Append('C').AppendJoin(' ', numbers.Select(Short));
        }

        return path.ToString();
    }

    // The harmonic mean never overshoots (Fritsch and Butland, 1984).
    static double Turn(ImmutableArray<(double X, double Y)> line, int i)
    {
        if (i == 0 || i == line.Length - 1)
            return 0;
        var (before, after) = (Slope(line[i - 1], line[i]), Slope(line[i], line[i + 1]));
        return before * after > 0 ? 2 * before * after / (before + after) : 0;
    }

    static double Slope((double X, double Y) from, (double X, double Y) to) => (to.Y - from.Y) / (to.X - from.X);

    static string Short(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
