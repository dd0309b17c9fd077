using System.Text;

namespace RatIlgpu.Weights;

/// <summary>Words the exceptions that say what is wrong with a file: one line, the path first.</summary>
static class Refusal
{
    // A damaged header can hold a name of megabytes; an error stays one readable line.
    const int LongestName = 100;

    /// <summary>Makes the exception for a file that is not what it should be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What was found and what was expected; formatted with the invariant culture.</param>
    public static InvalidDataException Of(string path, FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");

    /// <summary>Quotes a name that a file gave, with control characters escaped and the excess cut off.</summary>
    public static string Quote(string name)
    {
        var quoted = new StringBuilder("'");
        foreach (var rune in name.AsSpan(0, Math.Min(name.Length, LongestName)).EnumerateRunes())
            if (Rune.IsControl(rune))
                quoted.Append('\\').Append('u').Append(rune.Value.ToString("x4", null));
            else
                quoted.Append(rune);
        return quoted.Append(name.Length > LongestName ? "…'" : "'").ToString();
    }
}
