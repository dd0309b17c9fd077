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
        var names = prompt.Rows.Select(row => OneLine.Escape(row.Condition.Name)).ToList();
        var tokens = prompt.Rows.Select(row => Text(row.Predicted.Id, model)).ToList();
        var (wide, longest) = (names.Max(name => name.Length), tokens.Max(token => token.Length));
        foreach (var (place, row) in prompt.Rows.Index())
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {names[place].PadRight(wide)}  {(row.IsSame ? '=' : '≠')} {tokens[place].PadRight(longest)} "
                + $"{row.Predicted.Probability * 100,5:F1} %")
                + (row.Condition.Kind == PredictionConditionKind.Baseline ? "" : Changes(row, model)));
    }

    static string Changes(PredictionRow row, LanguageModel model) => string.Create(
        CultureInfo.InvariantCulture, $"  {Signed(row.LogitChange)}  KL {row.Divergence:F3}")
        + $"{Listed("risen", row.Risen, model)}{Listed("fallen", row.Fallen, model)}";

    static string Listed(string what, ValueArray<TokenChange> tokens, LanguageModel model) => tokens.IsEmpty
        ? ""
        : $"  {what} " + string.Join(", ", tokens.Take(MostListed).Select(one =>
            $"{Text(one.Id, model)} {Signed(one.Change)}"));

    static void PrintAll(PredictionTableReport report, TextWriter output)
    {
        var summary = report.Summary();
        var wide = summary.Max(one => one.Condition.Name.Length);
        output.WriteLine();
        output.WriteLine(FormattableString.Invariant(
            $"Over all {report.Prompts.Length} tables: other predictions, mean change of the logit, mean KL:"));
        foreach (var one in summary)
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {OneLine.Escape(one.Condition.Name).PadRight(wide)}  {one.Changed,3} of {one.Count,-3}  "
                + $"{Signed(one.LogitChange.Mean)}  KL {one.Divergence.Mean:F3}"));
    }

    static string Text(int id, LanguageModel model) => PathText.Token(model.Tokenizer.Token(id));

    static string Signed(double number) =>
        number.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture).PadLeft(7);
}
