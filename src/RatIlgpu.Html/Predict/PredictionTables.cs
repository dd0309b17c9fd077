using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the tables that are there without script: the predictions, and what each condition changes over all
/// prompts.</summary>
sealed class PredictionTables(PredictionView view)
{
    // More rows make the page slow before its script runs.
    const int MostRows = 1_000;

    const int MostTokens = 3;

    bool HasSeveral => view.Report.Prompts.Length > 1;

    public void Write(HtmlWriter html)
    {
        if (HasSeveral)
            WriteSummary(html);
        var rows = view.Report.Prompts.Sum(prompt => prompt.Rows.Length);
        html.Write($"""
            <details class="card table" id="table"><summary>Predictions as a table (
            """).Write($"{int.Min(rows, MostRows)}").Write($"""
            )</summary>
            <div class="scroll"><table><caption>{Caption(rows)}</caption>
            <thead><tr>
            """);
        if (HasSeveral)
            html.Write($"""<th scope="col">Prompt""");
        html.Write($"""
            <th scope="col">Condition<th scope="col">Predicts<th scope="col">Δ logit<th scope="col">Δ log p
            <th scope="col">KL<th scope="col">Risen<th scope="col">Fallen<tbody>

            """);
        foreach (var (number, row) in view.Report.Prompts
            .SelectMany((prompt, place) => prompt.Rows.Select(row => (place + 1, row))).Take(MostRows))
            WriteRow(html, number, row);
        html.Write($"</tbody></table></div></details>\n");
    }

    static string Caption(int rows)
    {
        const string What = "the strongest changes of logits; Δ log p and KL(baseline ‖ condition) in nats";
        return rows <= MostRows
            ? $"The prediction under each condition, and {What}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The first {MostRows:N0} of {rows:N0} predictions, and {What}; the exported files have all");
    }

    void WriteRow(HtmlWriter html, int number, PredictionRow row)
    {
        html.Write($"<tr>");
        if (HasSeveral)
            html.Write($"<td>{number}");
        html.Write($"<td>{TraceWords.Name(row.Condition.Name)}<td>{(row.IsSame ? "=" : "≠")} ");
        html.Write($"<bdi>{view.Shown(row.Predicted.Id)}</bdi> {TraceWords.Percent(row.Predicted.Probability)}");
        if (row.Condition.Kind == PredictionConditionKind.Baseline)
            html.Write($"<td>–<td>–<td>–<td>–<td>–");
        else
        {
            html.Write($"<td>{PredictionWords.Signed(row.LogitChange)}");
            html.Write($"<td>{PredictionWords.Signed(row.LogProbabilityChange)}");
            html.Write($"<td>{PredictionWords.Rounded(row.Divergence)}");
            WriteTokens(html, row.Risen);
            WriteTokens(html, row.Fallen);
        }

        html.Write($"\n");
    }

    void WriteTokens(HtmlWriter html, ValueArray<TokenChange> tokens)
    {
        html.Write($"<td>");
        foreach (var (place, one) in tokens.Take(MostTokens).Index())
            html.Write(
                $"{(place > 0 ? ", " : "")}<bdi>{view.Shown(one.Id)}</bdi> {PredictionWords.Signed(one.Change)}");
    }

    void WriteSummary(HtmlWriter html)
    {
        html.Write($"""
            <details class="card table" id="summary" open><summary>All prompts</summary>
            <div class="scroll"><table><caption>How often each condition changes the predicted token, and means over
            the prompts; KL(baseline ‖ condition) in nats</caption>
            <thead><tr><th scope="col">Condition<th scope="col">Another token<th scope="col">Δ logit<th
            scope="col">Δ log p<th scope="col">KL<tbody>

            """);
        foreach (var one in view.Report.Summary())
        {
            html.Write($"<tr><td>{TraceWords.Name(one.Condition.Name)}<td>{one.Changed} of {one.Count}");
            html.Write($"<td>{PredictionWords.Signed(one.LogitChange.Mean)}");
            html.Write($"<td>{PredictionWords.Signed(one.LogProbabilityChange.Mean)}");
            html.Write($"<td>{PredictionWords.Rounded(one.Divergence.Mean)}\n");
        }

        html.Write($"</tbody></table></div></details>\n");
    }
}
