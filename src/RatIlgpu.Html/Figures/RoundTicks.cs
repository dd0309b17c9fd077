namespace RatIlgpu.Html;

/// <summary>Round numbers of axes.</summary>
static class RoundTicks
{
    static readonly ImmutableArray<int> Factors = [1, 2, 5];

    /// <summary>Returns round numbers in a range, each with its text.</summary>
    /// <param name="low">The start.</param>
    /// <param name="high">The end, more than the start.</param>
    /// <param name="most">The most steps between them.</param>
    public static IEnumerable<(double Value, string Text)> Of(double low, double high, int most)
    {
        var size = Math.Pow(10, Math.Floor(Math.Log10((high - low) / most)));
        var step = size * Factors.FirstOrDefault(factor => (high - low) / (size * factor) <= most, 10);
        var digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        for (var number = (long)Math.Ceiling((low / step) - 1e-9); number * step <= high + (step * 1e-9); number++)
            yield return (number * step, (number * step).ToString($"F{digits}", CultureInfo.InvariantCulture));
    }
}
