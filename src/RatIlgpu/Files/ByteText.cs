namespace RatIlgpu.Files;

/// <summary>Writes numbers of bytes in sentences.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class ByteText
{
    /// <summary>Returns a number of bytes with its unit, such as <c>1 byte</c> or <c>25,000,000 bytes</c>.</summary>
    /// <param name="count">The number of bytes.</param>
    public static string Of(Int128 count) => count == 1
        ? "1 byte"
        : string.Create(CultureInfo.InvariantCulture, $"{count:N0} bytes");
}
