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
}
