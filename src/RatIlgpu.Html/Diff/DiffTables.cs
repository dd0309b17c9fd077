using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the tables that need no script: the predictions that changed, and the changes of all
/// weights.</summary>
sealed class DiffTables(CheckpointDiff diff)
{
    // More are in the JSON, and in the text.
    const int MostPredictions = 200;

    // Tokens before a prediction, and characters of each.
    const int Context = 12, LongestToken = 24;

    public void Write(HtmlWriter html) => html.Include(WritePredictions).Include(WriteWeights);

    void WritePredictions(HtmlWriter html)
    {
        if (diff.Texts is not { MeanKl: not null } texts)
            return;
        html.Write($"""
            <section class="card predictions" aria-label="Predictions that changed"><div class="head">
            <h2>Predictions that changed</h2></div>

            """);
        if (texts.Predictions.IsEmpty)
        {
            html.Write($"<p class=\"legend\">The likeliest next token is the same at all positions.</p></section>\n");
            return;
        }

        var shown = Math.Min(texts.Predictions.Length, MostPredictions);
        html.Write($"<div class=\"scroll\"><table><caption>{shown} of {texts.Predictions.Length} positions, the ")
            .Write($"largest divergence first; each token with its probability in A and in B</caption><thead><tr>")
            .Write($"<th scope=\"col\">Text<th scope=\"col\">Position<th scope=\"col\">KL(A ‖ B)")
            .Write($"<th scope=\"col\">After<th scope=\"col\">A predicts<th scope=\"col\">B predicts<tbody>\n");
        foreach (var one in texts.Predictions.Take(shown))
            WritePrediction(html, texts.Texts[one.Text], one);
        html.Write($"</tbody></table></div></section>\n");
    }

    static void WritePrediction(HtmlWriter html, DiffText text, ChangedPrediction one)
    {
        html.Write($"<tr><td>{one.Text}<td><button data-at=\"{one.Text}.{one.Position}\">{one.Position}</button>")
            .Write($"<td>{DiffWords.Number(one.Kl)}<td class=\"after\"><bdi>");
        foreach (var token in text.Tokens.Items[Math.Max(0, one.Position + 1 - Context)..(one.Position + 1)])
            html.Write($"{TokenGlyphs.Show(token, LongestToken)}");
        html.Write($"</bdi>");
        foreach (var token in new[] { one.A, one.B })
            html.Write($"<td><bdi>{TokenGlyphs.Show(token.Token, LongestToken)}</bdi> ")
                .Write($"{TraceWords.Percent(token.ChanceA)} → {TraceWords.Percent(token.ChanceB)}");
        html.Write($"\n");
    }

    void WriteWeights(HtmlWriter html)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>The changes of all weights as a table</summary>
            <div class="scroll"><table><caption>Frobenius norms; singular values of the change</caption><thead><tr>
            <th scope="col">Weight<th scope="col">Shape<th scope="col">Format<th scope="col">‖B − A‖ / ‖A‖
            <th scope="col">‖B − A‖<th scope="col">‖A‖<th scope="col">Rank<th scope="col">Effective rank<tbody>

            """);
        foreach (var weight in diff.Weights)
        {
            html.Write($"<tr><td><code>{weight.Name}</code><td>{weight.Rows} × {weight.Columns}");
            html.Write($"<td>{weight.FormatA.ToString()}");
            if (weight.FormatA != weight.FormatB)
                html.Write($" → {weight.FormatB.ToString()}");
            html.Write($"<td>{DiffWords.Relative(weight.Whole)}<td>{DiffWords.Number(weight.Whole.Norm)}");
            html.Write($"<td>{DiffWords.Number(weight.Whole.NormBefore)}<td>{DiffWords.RankOf(weight.Whole)}");
            html.Write($"<td>{DiffWords.Number(weight.Whole.EffectiveRank)}\n");
        }

        html.Write($"</tbody></table></div></details>\n");
    }
}
