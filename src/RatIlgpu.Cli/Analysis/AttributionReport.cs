using Pick = System.Func<
    RatIlgpu.Analysis.AttributionUnit,
    System.Collections.Generic.IReadOnlyList<RatIlgpu.Analysis.Contribution>,
    System.Collections.Immutable.ImmutableArray<RatIlgpu.Analysis.Contribution>>;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints contributions to logits.</summary>
static class AttributionReport
{
    /// <summary>Prints the attributions of each prompt, then mean and spread over them.</summary>
    public static void Print(
        AttributionBatch batch,
        ImmutableArray<PromptRun> runs,
        ImmutableArray<HeadIndex> ablated,
        MetricOptions metric,
        Pick pick,
        Session session)
    {
        var (output, model) = (session.Report, session.Model);
        ReportHead.PrintModel(output, model);
        ReportHead.PrintAblated(output, ablated);
        foreach (var (i, all) in batch.Attributions.Index())
        {
            ReportHead.PrintPrompt(session, runs[i].Prompt, runs[i].Ids);
            foreach (var found in all)
            {
                if (found != all[0])
                    output.WriteLine();
                output.WriteLine(ReportHead.Metric(found.Target, found.Position, model, found.Measured));
                if (metric.HintOf(runs[i].Prompt, model, () => runs[i].LogitsAt(found.Position)) is { } hint)
                    output.WriteLine(ReportHead.Line("Note", hint));
                output.WriteLine();
                Print(found, pick(found.Options.Unit, found.Terms), model, output);
            }
        }

        // The likeliest tokens of several positions of one prompt have no mean that means something.
        if (session.IsBatch || (batch.Measured.Count > 1 && !metric.TakesLikeliest))
            PrintMean(batch, pick, output);
    }

    // The rows, the sum of the rows that are not shown, and the sum of all.
    static void Print(
        LogitAttribution found, ImmutableArray<Contribution> shown, LanguageModel model, TextWriter output)
    {
        var names = shown.Select(row => TokenLabel.Of(row.Term, found.TokenIds, model)).ToList();
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

    static void PrintMean(AttributionBatch batch, Pick pick, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Over all {batch.Measured.Count} rows of the metric, mean ± spread: the metric {batch.Measured.Mean:F4} ± "
            + $"{batch.Measured.Spread:F4}"));
        if (batch.Mean.IsEmpty)
        {
            output.WriteLine("  Rows of tokens that were read mean another thing in each prompt: they have no mean.");
            return;
        }

        var unit = batch.Attributions[0][0].Options.Unit;
        var rows = batch.Mean.ToDictionary(row => row.Term, row => row.Value);
        var shown = pick(unit, [.. batch.Mean.Select(row => new Contribution(row.Term, row.Value.Mean))]);
        var width = shown.Select(row => row.Term.Label.Length).DefaultIfEmpty(0).Max();
        foreach (var (term, mean) in shown)
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {term.Label.PadRight(width)}  {mean,9:+0.0000;-0.0000;0.0000} ± {rows[term].Spread:F4}"));
    }
}
