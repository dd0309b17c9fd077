using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints explanations of attention scores.</summary>
static class ExplainReport
{
    /// <summary>Prints the explanations of each prompt.</summary>
    public static void Print(
        ImmutableArray<ExplainedRun> runs, ImmutableArray<HeadIndex> ablated, int top, Session session)
    {
        ReportHead.PrintModel(session.Report, session.Model);
        ReportHead.PrintAblated(session.Report, ablated);
        foreach (var run in runs)
        {
            ReportHead.PrintPrompt(session, run.Prompt, run.Ids);
            if (run.Hint is { } hint)
                session.Report.WriteLine(ReportHead.Line("Note", hint));
            foreach (var text in run.LeftOut)
                session.Report.WriteLine(ReportHead.Line("Note", text));
            foreach (var found in run.Found)
            {
                if (found != run.Found[0])
                    session.Report.WriteLine();
                Print(found, top, session);
            }
        }
    }

    static void Print(ScoreAttribution found, int top, Session session)
    {
        var (output, model) = (session.Report, session.Model);
        output.WriteLine(ReportHead.Line(
            "Link", $"{found.Head} from {At(found.Query, found, model)} to {At(found.Key, found, model)}"));
        output.WriteLine(ReportHead.Line("Score", string.Create(
            CultureInfo.InvariantCulture, $"{found.Score:F4}, attention {found.Attention:F4}")));
        output.WriteLine(ReportHead.Line("Reading", ReadingOf(found, model)));
        if (found.IsSaturated)
            output.WriteLine(ReportHead.Line("Note", string.Create(
                CultureInfo.InvariantCulture,
                $"The gradient vanishes where attention is saturated, as here, at {found.Attention:F4}: small numbers ")
                + "do not mean that the parts do not matter. --reading here still tells them apart."));
        PrintPairs(found, top, model, output);
        PrintParts("Part of the key", found.KeyParts, found.ByKeyPart, found.AttentionWithout);
        PrintParts("Part of the query", found.QueryParts, found.ByQueryPart, null);
        if (found.Verification is { } measured)
            PrintMeasured(found, measured, model, output);

        void PrintParts(
            string title, ValueArray<ResidualTerm> parts, ValueArray<double> values, ValueArray<double>? without)
        {
            // Their sums are those of the pairs.
            if (top == 0)
                return;
            Table(
                output,
                [title, "adds", .. without is null ? (string[])[] : ["attention without it at this key alone"]],
                [
                    .. Enumerable.Range(0, parts.Length).OrderBy(place => -Math.Abs(values[place])).Take(top)
                        .Select(place => (string[])
                        [
                            Name(parts[place], found, model), Signed(values[place]),
                            .. without is { } left ? (string[])[Share(left[place])] : [],
                        ]),
                ]);
        }
    }

    static void PrintPairs(ScoreAttribution found, int top, LanguageModel model, TextWriter output)
    {
        var shown = found.Top(top);
        List<string[]> rows =
        [
            .. shown.Select(pair => (string[])
                [Name(pair.Query, found, model), Name(pair.Key, found, model), Signed(pair.Value)]),
        ];
        var all = found.Pairs.Sum();
        if (top > 0 && shown.Length < found.Pairs.Length)
            rows.Add([
                string.Create(CultureInfo.InvariantCulture, $"{found.Pairs.Length - shown.Length} more"), "",
                Signed(all - shown.Sum(pair => pair.Value)),
            ]);
        rows.Add(["all pairs", "", Signed(all)]);
        rows.Add(["position alone", "", Signed(found.PositionAlone)]);
        Table(output, ["Query", "Key", "adds"], rows);
    }

    static void PrintMeasured(
        ScoreAttribution found, ScoreVerification measured, LanguageModel model, TextWriter output)
    {
        var unchanged = measured.Unchanged;
        output.WriteLine();
        output.WriteLine(ReportHead.Metric(measured.Target, found.Query, model, unchanged.Metric));
        if (found.Options.Reading != ScoreReading.Here)
            output.WriteLine(ReportHead.Line(
                "Note",
                $"Parts are those of this link that are largest by --reading {Words.Of(found.Options.Reading)}; what "
                + "is measured is what they add to the score of this key, as --reading here has it."));
        List<string[]> rows = [["nothing", "", .. Numbers(unchanged)]];
        foreach (var part in measured.Parts)
        {
            var name = $"{Name(part.Part, found, model)} of the {Words.Of(part.Input)}";
            rows.Add([name, Signed(part.Attributed), .. Numbers(part.Held)]);
            rows.Add(["  norms recomputed", "", .. Numbers(part.Recomputed)]);
        }

        Table(output, ["Taken out", "adds here", "score falls by", "attention", "metric"], rows);

        string[] Numbers(MeasuredScore one) =>
            [Signed(unchanged.Score - one.Score), Share(one.Attention), Share(one.Metric)];
    }

    static string ReadingOf(ScoreAttribution found, LanguageModel model)
    {
        var measured = string.Create(CultureInfo.InvariantCulture, $"{found.Measured:F4}");
        return Words.Of(found.Options.Reading) + (found.Options.Reading switch
        {
            ScoreReading.Here => $": the score, {measured}",
            ScoreReading.Others => $": the score less the mean score of the other keys, {measured}",
            ScoreReading.Foil =>
                $": the score less that of {At(found.Options.FoilKey!.Value.Value, found, model)}, {measured}, the "
                + "logarithm of how many times more attention the key has",
            _ => $": the score less the mean score of all keys by attention, {measured}",
        });
    }

    static string At(int position, ScoreAttribution found, LanguageModel model) => string.Create(
        CultureInfo.InvariantCulture,
        $"{TokenLabel.Of(model.Tokenizer.Token(found.TokenIds[position]))} at {position}");

    static string Name(ResidualTerm term, ScoreAttribution found, LanguageModel model) =>
        TokenLabel.Of(term, found.TokenIds, model);

    static string Signed(double value) =>
        value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);

    static string Share(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    // Texts are aligned left, the last columns, which are numbers, right.
    static void Table(TextWriter output, string[] head, List<string[]> rows)
    {
        output.WriteLine();
        var widths = head.Select((title, column) =>
            rows.Select(row => row[column].Length).Append(title.Length).Max()).ToArray();
        var texts = Array.FindIndex(head, title => title.StartsWith("adds", StringComparison.Ordinal));
        foreach (var row in rows.Prepend(head))
            output.WriteLine("  " + string.Join("  ", row.Select((cell, column) =>
                column < texts ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))));
    }
}
