namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints the effects of patches.</summary>
static class PatchReport
{
    /// <summary>Prints the largest effects of each pair, then those of the mean over the pairs.</summary>
    public static void Print(
        PatchFindings found, ImmutableArray<PatchInput> inputs, int top, PatchPlan plan, Session session)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        foreach (var (i, input) in inputs.Index())
        {
            PrintPair(input, found.Metrics[i], session);
            var lines = found.LinesOf(i);
            if (lines.Count == 0)
            {
                output.WriteLine(ReportHead.Line(
                    "Note",
                    plan.Layers is null
                        ? "No later layer reads these sources: there is nothing to patch."
                        : "None of --layers comes after these sources: there is nothing to patch."));
                continue;
            }

            PrintTable(found.What, lines, top, hasSpread: false, output);
        }

        if (inputs.Length > 1 && found.Mean() is { Count: > 0 } mean)
        {
            output.WriteLine();
            output.Write($"Over all {inputs.Length} pairs, mean, and ± spread of the effect");
            PrintTable(found.What, mean, top, hasSpread: true, output);
        }
    }

    static void PrintPair(PatchInput input, (double Clean, double Corrupted) metrics, Session session)
    {
        var (output, model, pair) = (session.Report, session.Model, input.Case.Pair);
        output.WriteLine();
        if (session.IsBatch)
            output.WriteLine(OneLine.Escape(input.Prompt.Where));
        output.WriteLine(ReportHead.Line("Clean", ReportHead.Tokens(pair.Clean, model)));
        output.WriteLine(ReportHead.Line("Corrupted", ReportHead.Tokens(pair.Corrupted, model)));
        ReportHead.PrintPadding(output, pair.AttentionMask);
        ReportHead.PrintLength(output, pair.Length, model);
        output.WriteLine(ReportHead.Metric(input.Case.Metric.Kind, input.Target, input.Positions, model)
            + string.Create(
                CultureInfo.InvariantCulture, $": clean {metrics.Clean:F3}, corrupted {metrics.Corrupted:F3}"));
        if (input.Hint is { } hint)
            output.WriteLine(ReportHead.Line("Note", hint));
        if (pair.FirstDifference == pair.Length)
            output.WriteLine(ReportHead.Line("Note", "The prompts are the same: no patch changes anything."));
        else if (metrics.Clean == metrics.Corrupted)
            output.WriteLine(ReportHead.Line("Note", "The metric does not differ between the two runs: there is no "
                + "recovery to speak of."));
    }

    static void PrintTable(
        string what, IReadOnlyList<PatchLine> all, int top, bool hasSpread, TextWriter output)
    {
        List<PatchLine> shown = [.. all.OrderByDescending(line => Math.Abs(line.Effect.Mean)).Take(top)];
        var width = shown.Select(line => line.Name.Length).DefaultIfEmpty(0).Max();
        output.WriteLine();
        output.WriteLine(
            $"{what}: {shown.Count} of {all.Count} patch{(all.Count == 1 ? "" : "es")}, largest effect first");
        if (shown.Count > 0)
            output.WriteLine(
                $"     {"".PadRight(width)}    metric    effect{(hasSpread ? "    spread" : "")}  recovery");
        foreach (var (i, line) in shown.Index())
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{i + 1,3}. {line.Name.PadRight(width)}  {line.Metric.Mean,8:F3}  "
                + $"{line.Effect.Mean,8:+0.000;-0.000;0.000}")
                + (hasSpread ? string.Create(CultureInfo.InvariantCulture, $" ± {line.Effect.Spread,-7:F3}") : "")
                + Share(line.Recovery));
    }

    static string Share(MeanAndSpread? recovery) => recovery is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"  {Math.Round(share.Mean * 100, 1) + 0.0,6:F1} %")
        : "         -";
}
