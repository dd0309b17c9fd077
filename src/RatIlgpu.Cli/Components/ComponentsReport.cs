namespace RatIlgpu.Cli.Components;

/// <summary>Prints a report on components: its tables, with few rows.</summary>
static class ComponentsReport
{
    // In characters; the last column may reach the end of a wide line.
    const int Rows = 6, Widest = 44, WidestLast = 76;

    /// <summary>Prints the report.</summary>
    public static void Print(ComponentReport report, Session session)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        output.WriteLine(ReportHead.Line("Components", report.Kind switch
        {
            DecompositionKind.File => $"layer {report.Layer}, of a file",
            DecompositionKind.QueryKeySvd => FormattableString.Invariant(
                $"singular vectors of the scores of {report.Circuit?.Head} at the distance {report.Circuit?.Distance} ")
                + "(SVD baseline)",
            DecompositionKind.HeadSvd => $"layer {report.Layer}, singular vectors of each head (SVD baseline)",
            _ => $"layer {report.Layer}, singular vectors of each matrix (SVD baseline)",
        }));
        ReportHead.PrintPrompt(session, session.Prompts[0], report.Prompt);
        foreach (var warning in ComponentTables.Warnings(report))
            output.WriteLine(ReportHead.Line("Warning", warning));
        output.WriteLine(ReportHead.Line("Check", FormattableString.Invariant(
            $"the parts add up to the scores of the run, but for {report.Scores.LargestError:0.0e+0} of ")
            + "‖q‖ ‖k‖ / √d"));
        // Details of single components fill the page and the Markdown file, not the terminal.
        foreach (var (table, whole) in TablesOf(Rows).Zip(TablesOf(int.MaxValue)))
        {
            Print(table, output);
            if (whole.Rows.Length - table.Rows.Length is > 0 and var more)
                output.WriteLine(FormattableString.Invariant($"    and {more} more; --json has all"));
        }

        ImmutableArray<ReportTable> TablesOf(int most) =>
            ComponentTables.Of(report, session.Model.Tokenizer.Token, most, hasStories: false);
    }

    static void Print(ReportTable table, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"  {OneLine.Escape(table.Title)}");
        if (table.Rows.IsEmpty)
        {
            output.WriteLine("    none");
            return;
        }

        ValueArray<string>[] lines = [table.Columns, .. table.Rows];
        int[] widths =
        [
            .. Enumerable.Range(0, table.Columns.Length).Select(column => lines.Max(line => Cell(line, column).Length)),
        ];
        foreach (var line in lines)
            output.WriteLine("    " + string.Join("  ", line.Select((_, column) =>
                Cell(line, column).PadRight(widths[column]))).TrimEnd());
    }

    // Lists lose whole items, and say how many.
    static string Cell(ValueArray<string> line, int column)
    {
        var (whole, most) = (OneLine.Escape(line[column]), column == line.Length - 1 ? WidestLast : Widest);
        if (whole.Length <= most)
            return whole;
        var items = whole.Split(", ");
        for (var kept = items.Length - 1; kept > 0; kept--)
        {
            var shown = $"{string.Join(", ", items.Take(kept))} and {items.Length - kept} more";
            if (shown.Length <= most)
                return shown;
        }

        return whole[..(most - 1)] + "…";
    }
}
