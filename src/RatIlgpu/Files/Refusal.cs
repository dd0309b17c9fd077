namespace RatIlgpu.Files;

/// <summary>Words the exceptions that say what is wrong with a file: one line, the path first.</summary>
static class Refusal
{
    // A damaged file can hold a name of megabytes; an error stays one readable line.
    const int MostShown = 160;

    /// <summary>Makes the exception for a file that is not what it should be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What was found and what was expected; formatted with the invariant culture.</param>
    public static InvalidDataException Of(string path, FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");

    /// <summary>Quotes text of a file, fit for one line.</summary>
    public static string Quote(string text) => $"'{Shorten(text)}'";

    /// <summary>Returns text of a file fit for one line, the excess cut off.</summary>
    public static string Shorten(string text) =>
        text.Length <= MostShown ? OneLine.Escape(text) : OneLine.Escape(text[..MostShown]) + "…";
}
