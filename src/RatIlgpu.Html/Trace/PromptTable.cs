using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the table of the prompts of a page: what the model predicts after each, and the best path. The
/// script writes it anew when another view is shown.</summary>
static class PromptTable
{
    static readonly PromptColumns OfTraces = new(
        ["Prediction", "Probability", "Best path", "Score"],
        score => score.ToString("F3", CultureInfo.InvariantCulture), HasMean: true);

    public static void Write(HtmlWriter html, TraceViews views) => Write(
        html, views.Prompts, [.. views.Prompts.Select(prompt => PromptRow.Of(prompt.Opening))], OfTraces);

    /// <summary>Writes the table of the prompts of a page of traces or flows.</summary>
    /// <param name="html">The page.</param>
    /// <param name="prompts">The prompts; one alone has no table.</param>
    /// <param name="rows">Their rows, of the results that the page opens at.</param>
    /// <param name="columns">What a row has behind the prompt and its target.</param>
    public static void Write(
        HtmlWriter html, IReadOnlyList<PromptPlan> prompts, ImmutableArray<PromptRow> rows, PromptColumns columns)
    {
        if (prompts.Count == 1)
            return;
        html.Write($"""<section class="card text" id="prompts"><div class="head"><h2>Prompts</h2>""");
        if (columns.HasMean)
            html.Write($"""
                <span class="muted">at the shown layer and heads; ± is the sample standard deviation</span>
                """);
        html.Write($"""
            </div>
            <div class="scroll"><table aria-label="Prompts"><thead><tr><th scope="col">Prompt<th scope="col">Target

            """);
        foreach (var column in columns.Names)
            html.Write($"<th scope=\"col\">{column}");
        html.Write($"\n<tbody>\n");
        foreach (var (prompt, row) in prompts.Zip(rows))
            WriteRow(html, prompt, row, columns.Show);
        if (columns.HasMean)
            html.Write($"<tfoot><tr><th scope=\"row\" colspan=\"3\">Mean ± spread")
                .Write($"<td>{Spread([.. rows.Select(row => row.Part * 100)], "F1", " %")}<td>")
                .Write($"<td>{Spread([.. rows.Select(row => row.Number)], "F3", "")}");
        html.Write($"</table></div></section>\n");
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

    static void WriteRow(HtmlWriter html, PromptPlan prompt, PromptRow row, Func<double, string> show)
    {
        html.Write($"""<tr><td><button data-prompt="{prompt.Number}">{prompt.Number}: {prompt.Label}</button>""")
            .Write($"<td>{prompt.Targets[^1]}<td><bdi>{row.Token}</bdi><td>");
        if (row.Part is { } part)
            html.Write($"{TraceWords.Percent(part)}");
        html.Write($"<td><bdi>{row.Path}</bdi><td>");
        if (row.Number is { } number)
            html.Write($"{show(number)}");
        html.Write($"\n");
    }
}

/// <summary>What the rows of the table of prompts have behind the prompt and its target.</summary>
/// <param name="Names">The heads of the four columns: token, part, path and number.</param>
/// <param name="Show">Returns the number as it is shown.</param>
/// <param name="HasMean">Whether means say something: parts of different tokens have none in common.</param>
sealed record PromptColumns(ImmutableArray<string> Names, Func<double, string> Show, bool HasMean);
