using System.Collections.Immutable;
using System.Globalization;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints a logit taken apart.</summary>
static class AttributionReport
{
    /// <summary>Prints the rows, and how they close to what was measured.</summary>
    public static void Print(
        LogitAttribution found,
        ImmutableArray<int> ids,
        LanguageModel model,
        ImmutableArray<Contribution> shown,
        TextWriter output)
    {
        var names = shown.Select(row => Name(row.Term, ids, model)).ToList();
        var width = names.Append("all rows").Max(name => name.Length);
        foreach (var (name, row) in names.Zip(shown))
            Line(name, row.Value);
        if (found.Options.Unit == AttributionUnit.CumulativeLayer)
            return;
        var all = found.Terms.Sum(row => row.Value);
        if (shown.Length < found.Terms.Length)
            Line($"{found.Terms.Length - shown.Length} more", all - shown.Sum(row => row.Value));
        Line("all rows", all);

        void Line(string name, double value) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {name.PadRight(width)}  {value,9:+0.0000;-0.0000;0.0000}"));
    }

    static string Name(ResidualTerm term, ImmutableArray<int> ids, LanguageModel model) =>
        term is ResidualTerm.HeadSource { Source: var source }
            ? $"{term} {PathText.Token(model.Tokenizer.Token(ids[source]))}"
            : term.ToString();
}
