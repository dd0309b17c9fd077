namespace RatIlgpu.Files;

/// <summary>Writes how many things there are in sentences.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class CountText
{
    /// <summary>Returns a number with what is counted, such as <c>1 sample</c> or <c>1200 samples</c>.</summary>
    /// <param name="count">The number.</param>
    /// <param name="noun">What is counted, of one; more end in <c>s</c>.</param>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>Returns positions in words, such as <c>position 3</c> or <c>positions 0, 1</c>; empty for
    /// none.</summary>
    /// <param name="positions">The positions.</param>
    /// <param name="most">The most positions that are named; how many more there are follows.</param>
    public static string Positions(IReadOnlyCollection<int> positions, int most = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(positions);
        if (positions.Count == 0)
            return "";
        var named = string.Join(
            ", ", positions.Take(most).Select(position => position.ToString(CultureInfo.InvariantCulture)));
        var rest = positions.Count > most
            ? string.Create(CultureInfo.InvariantCulture, $" and {positions.Count - most} more")
            : "";
        return $"position{(positions.Count == 1 ? "" : "s")} {named}{rest}";
    }
}
