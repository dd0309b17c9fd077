using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the table of the prompts of a page: what the model predicts after each, and the best path. The
/// script writes it anew when another view is shown.</summary>
static class PromptTable
{
    static readonly ImmutableArray<string> OfTrace = ["Prediction", "Probability", "Best path", "Score"];

    public static void Write(HtmlWriter html, TraceViews views) => Write(
        html, views.Prompts, [.. views.Prompts.Select(prompt => PromptRow.Of(prompt.Opening))], OfTrace,
        "at the shown layer and heads; ");

    /// <summary>Writes the table of other results.</summary>
    /// <param name="html">The page.</param>
    /// <param name="prompts">The prompts; one alone has no table.</param>
    /// <param name="rows">Their rows, of the results that the page opens at.</param>
    /// <param name="columns">What the four numbers and texts of a row are.</param>
    /// <param name="where">Of which results the rows are.</param>
    public static void Write(
        HtmlWriter html,
        IReadOnlyList<PromptPlan> prompts,
        ImmutableArray<PromptRow> rows,
        ImmutableArray<string> columns,
        string where)
    {
        if (prompts.Count == 1)
            return;
        html.Write($"""
            <section class="card text" id="prompts"><div class="head"><h2>Prompts</h2>
            <span class="muted">{where}± is the sample standard deviation</span></div>
            <div class="scroll"><table aria-label="Prompts"><thead><tr><th scope="col">Prompt<th scope="col">Target

            """);
        foreach (var column in columns)
            html.Write($"<th scope=\"col\">{column}");
        html.Write($"\n<tbody>\n");
        foreach (var (prompt, row) in prompts.Zip(rows))
            WriteRow(html, prompt, row);
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

    static void WriteRow(HtmlWriter html, PromptPlan prompt, PromptRow row)
    {
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
