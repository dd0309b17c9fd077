using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the table of the prompts of a page: what the model predicts after each, and the best path. The
/// script writes it anew when another view is shown.</summary>
static class PromptTable
{
    public static void Write(HtmlWriter html, TraceViews views)
    {
        if (views.Prompts.Length == 1)
            return;
        html.Write($"""
            <section class="card text" id="prompts"><div class="head"><h2>Prompts</h2>
            <span class="muted">at the shown layer and heads; ± is the sample standard deviation</span></div>
            <div class="scroll"><table aria-label="Prompts"><thead><tr><th scope="col">Prompt<th scope="col">Target
            <th scope="col">Prediction<th scope="col">Probability<th scope="col">Best path<th scope="col">Score
            <tbody>

            """);
        foreach (var prompt in views.Prompts)
            WriteRow(html, prompt);
        PromptRow[] rows = [.. views.Prompts.Select(prompt => PromptRow.Of(prompt.Opening))];
        html.Write($"<tfoot><tr><th scope=\"row\" colspan=\"3\">Mean ± spread");
        html.Write($"<td>{Spread([.. rows.Select(row => row.Probability * 100)], "F1", " %")}<td>");
        html.Write($"<td>{Spread([.. rows.Select(row => row.Score)], "F3", "")}</table></div></section>\n");
    }

    /// <summary>Returns mean and spread of numbers, and how many there are if some are unknown; a dash if all are.
    /// </summary>
    public static string Spread(ImmutableArray<double?> numbers, string format, string unit)
    {
        var found = MeanAndSpread.Of(numbers);
        if (found.Count == 0)
            return "–";
        var spread = found.Count == 1 ? "" : $" ± {Shown(found.Spread)}";
        var count = found.Count == numbers.Length ? "" : $" ({found.Count})";
        return $"{Shown(found.Mean)}{spread}{unit}{count}";

        string Shown(double number) => number.ToString(format, CultureInfo.InvariantCulture);
    }

    static void WriteRow(HtmlWriter html, PromptViews prompt)
    {
        var row = PromptRow.Of(prompt.Opening);
        html.Write($"""<tr><td><button data-prompt="{prompt.Number}">{prompt.Number}: {prompt.Label}</button>""")
            .Write($"<td>{prompt.Targets[^1]}<td><bdi>{row.Prediction}</bdi><td>");
        if (row.Probability is { } probability)
            html.Write($"{TraceWords.Percent(probability)}");
        html.Write($"<td><bdi>{row.Path}</bdi><td>");
        if (row.Score is { } score)
            html.Write($"{score:F3}");
        html.Write($"\n");
    }
}
