namespace RatIlgpu.Files;

/// <summary>Words the exceptions that say what is wrong with a file: one line, the path first.</summary>
static class Refusal
{
    /// <summary>Makes the exception for a file that is not what it should be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What was found and what was expected; formatted with the invariant culture.</param>
    public static InvalidDataException Of(string path, FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");

    /// <inheritdoc cref="OneLine.Quote"/>
    public static string Quote(string text) => OneLine.Quote(text);
}
