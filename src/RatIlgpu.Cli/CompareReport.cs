using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>Prints how what explains the links of two traces differs.</summary>
static class CompareReport
{
    // The page and the JSON have more.
    const int Most = 5;

    /// <summary>Returns the lines; none where neither trace explains links.</summary>
    public static IEnumerable<string> Lines(TraceResult a, TraceResult b)
    {
        if (ComparePage.WhyNoParts(a, b) is { } why)
            return [why];
        if (a.Explanations.IsEmpty)
            return [];
        var parts = ComparePage.PartsOf(a, b);
        if (parts.IsEmpty)
            return ["No link is explained in both traces."];
        var shown = parts.Where(part => part.Differs).Take(Most).ToList();
        if (shown.Count == 0)
            return [];
        var width = shown.Max(part => part.Words.Length);
        return
        [
            FormattableString.Invariant(
                $"Parts of the scores of links: {shown.Count} of {parts.Length}, largest difference first"),
            .. shown.Select((part, place) => FormattableString.Invariant(
                $"{place + 1,3}. {part.Words.PadRight(width)}  {NameOf(part)}, ")
                + $"from {Ends(part.A.Target, part.B.Target)} to {Ends(part.A.Source, part.B.Source)}"),
        ];

        string Ends(int inA, int inB)
        {
            var (first, second) = (At(a, inA), At(b, inB));
            return first == second ? first : $"{first} / {second}";
        }
    }

    static string NameOf(PartDifference part) => part is { Query: { } query, Key: { } key }
        ? $"{OneLine.Shorten(query)} · {OneLine.Shorten(key)}"
        : "whole score";

    static string At(TraceResult trace, int position) =>
        FormattableString.Invariant($"{TokenLabel.Of(trace.Tokens[position])} at {position}");
}
