namespace RatIlgpu.Files;

/// <summary>Makes the exceptions for damaged files: one line, the path first.</summary>
static class Refusal
{
    /// <summary>Makes the exception for a file that is not as expected.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">The found and the expected; formatted with the invariant culture.</param>
    public static InvalidDataException Of(string path, FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");

    /// <inheritdoc cref="OneLine.Quote"/>
    public static string Quote(string text) => OneLine.Quote(text);
}
