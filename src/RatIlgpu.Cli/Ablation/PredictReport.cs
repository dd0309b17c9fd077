namespace RatIlgpu.Cli.Ablation;

/// <summary>Prints prediction tables.</summary>
static class PredictReport
{
    // The page and the file have all.
    const int MostListed = 3;

    /// <summary>Prints the table of each prompt; then, of several, how often each condition changes the
    /// prediction.</summary>
    public static void Print(PredictionTableReport report, Session session)
    {
        var (output, model) = (session.Report, session.Model);
        ReportHead.PrintModel(output, model);
        output.WriteLine(ReportHead.Line("Heads", string.Join(", ", report.Heads) + (report.AreChosen
            ? ": of all heads, those whose zeroing changes the predictions most"
            : "")));
        foreach (var prompt in report.Prompts)
            PrintPrompt(prompt, model, output);
        if (report.Prompts.Length > 1)
            PrintAll(report, output);
    }

    static void PrintPrompt(PromptPredictions prompt, LanguageModel model, TextWriter output)
    {
        var (label, ids) = (prompt.Prompt.Label, prompt.Prompt.Ids);
        output.WriteLine();
        if (label.Length > 0)
            output.WriteLine(OneLine.Escape(label));
        output.WriteLine(ReportHead.Line("Tokens", ReportHead.Tokens(ids, model)));
        ReportHead.PrintLength(output, ids.Length, model);
        output.WriteLine(FormattableString.Invariant(
            $"After t = {prompt.Prompt.Position}; set to 0:"));
        var lines = prompt.Rows.Select(row => Cells(row, model)).Prepend(Heads).ToList();
        var widths = Enumerable.Range(0, Heads.Length)
            .Select(column => lines.Max(line => line[column].Length)).ToList();
        foreach (var line in lines)
            output.WriteLine(("  " + string.Join("  ", line.Select((cell, column) =>
                IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])))).TrimEnd());
    }

    // The columns of the page.
    static readonly ImmutableArray<string> Heads =
        ["condition", "predicted token", "p", "Δ logit", "Δ log p", "KL, nats", "risen", "fallen"];

    static bool IsNumber(int column) => column is >= 2 and <= 5;

    static ImmutableArray<string> Cells(PredictionRow row, LanguageModel model)
    {
        var isBaseline = row.Condition.Kind == PredictionConditionKind.Baseline;
        return
        [
            OneLine.Escape(row.Condition.Name), $"{(row.IsSame ? '=' : '≠')} {Text(row.Predicted.Id, model)}",
            string.Create(CultureInfo.InvariantCulture, $"{row.Predicted.Probability * 100:F1} %"),
            .. isBaseline
                ? (ImmutableArray<string>)["", "", "", "", ""]
                : [Signed(row.LogitChange), Signed(row.LogProbabilityChange), Rounded(row.Divergence),
                    Listed(row.Risen, model), Listed(row.Fallen, model)],
        ];
    }

    static string Listed(ValueArray<TokenChange> tokens, LanguageModel model) => string.Join(
        ", ", tokens.Take(MostListed).Select(one => $"{Text(one.Id, model)} {Signed(one.Change)}"));

    static void PrintAll(PredictionTableReport report, TextWriter output)
    {
        var summary = report.Summary();
        var wide = summary.Max(one => one.Condition.Name.Length);
        output.WriteLine();
        output.WriteLine(FormattableString.Invariant(
            $"Over all {report.Prompts.Length} tables: how often another token is predicted, and mean changes:"));
        output.WriteLine(
            $"  {"condition".PadRight(wide)}     another token   Δ logit   Δ log p  KL, nats");
        foreach (var one in summary)
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {OneLine.Escape(one.Condition.Name).PadRight(wide)}  {$"{one.Changed} of {one.Count}",16}  "
                + $"{Signed(one.LogitChange.Mean),8}  {Signed(one.LogProbabilityChange.Mean),8}  "
                + $"{Rounded(one.Divergence.Mean),8}"));
    }

    static string Text(int id, LanguageModel model) => TokenLabel.Of(model.Tokenizer.Token(id));

    static string Signed(double number) =>
        (number > 0 ? "+" : number < 0 ? "-" : "") + Rounded(Math.Abs(number));

    // Three places, or two digits where the number is smaller than they show, as on the page.
    static string Rounded(double number) => number.ToString(
        number is 0 or >= 0.01 or double.NaN ? "F3" : number < 1e-3 ? "0.0e0" : "F4", CultureInfo.InvariantCulture);
}
