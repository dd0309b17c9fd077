using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of components: the tables, which need no script, and the elements that the script
/// fills.</summary>
sealed class ComponentsMarkup(
    ComponentReport report,
    ImmutableArray<ComponentFigure> figures,
    ImmutableArray<ChartGroup> charts,
    Func<int, TokenText> tokens,
    ComponentsPageOptions options,
    string title)
{
    const int TableRows = 24;

    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into the matrix or the text"),
        (["←", "→", "↑", "↓"], "to the next cell or token"),
        (["Enter", "Space"], "keep a cell, or let it go; show a token as key"),
        (["Esc"], "let the cell go"),
        (["[", "]"], "previous or next figure"),
        ([",", "."], "previous or next matrix of the figure, along its first choice"),
        (["/"], "find a token"),
        (["?"], "this help"),
    ];

    static readonly (string What, string Meaning)[] Meanings =
    [
        ("Component", "One of the rank-1 parts U Vᵀ into which a matrix is decomposed: V reads a number from the "
            + "input, and U is written as often."),
        ("Score by pairs", "A score of attention is a sum over all parts of the query and all parts of the key. With "
            + "rest, delta and bias nothing is left out: the sum is the score."),
        ("Score by weights", "What two components would add at a distance, if the stream had the direction that both "
            + "read. The sizes of real activations are not in it."),
        ("Heads", "Queries and outputs have a part in each query head, keys and values in each key/value head, which "
            + "several query heads share."),
        ("Induction", "How well a head looks from the second copy of a random token to the token after the first copy, "
            + "and how much of that is lost without one component, or without what an earlier head writes."),
        ("Colour", "Blue is more, or positive; orange is negative; grey is no number. The scale ends at the largest "
            + "number of the matrix, or of all matrices of the figure."),
    ];

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = Facts(),
            Notices = ComponentTables.Caveats(report),
            WithoutScript = "The matrices need JavaScript; the tables do not.",
            Table = "the tables",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, Meanings))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WriteFigure)
        .Write($"""
            <aside>
            <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section></aside>
            <section class="card text"><div class="head"><h2>Text</h2><span class="muted" id="shaded"></span></div>
            <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter shows a token as
            key."></div></section>

            """)
        .Include(WriteCharts)
        .Include(WriteTables)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, Meanings, [.. Keys, .. HeatMarkup.Keys]));

    IEnumerable<(string Name, string Value)> Facts()
    {
        if (options.ModelName is { } name)
            yield return ("Model", TraceWords.Name(name));
        yield return ("Layer", report.Layer.ToString(CultureInfo.InvariantCulture));
        yield return ("Components", report.Kind switch
        {
            DecompositionKind.File => "of a file",
            DecompositionKind.HeadSvd => "SVD baseline, each head by itself",
            DecompositionKind.QueryKeySvd => $"SVD baseline, scores of {report.Circuit?.Head}",
            _ => "SVD baseline, whole matrices",
        });
        yield return ("Query", string.Create(CultureInfo.InvariantCulture, $"position {report.Scores.Query}"));
        yield return ("Texts", string.Create(CultureInfo.InvariantCulture, $"{report.Activity.Tokens} tokens"));
        foreach (var detail in report.Induction)
            yield return ($"Induction of {detail.Head}", detail.Score.ToString("F3", CultureInfo.InvariantCulture));
    }

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">
            <label class="figure">Figure <select id="figure">
            """);
        foreach (var figure in figures)
            html.Write($"""<option value="{figure.Id}">{figure.Title}""");
        html.Write($"</select></label>\n");
        Page.WriteChoice(html, "Scale of", "scale", [("own", "The matrix"), ("all", "All")]);
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    static void WriteFigure(HtmlWriter html) => html
        .Write($"""
            <section class="card figures" aria-label="Matrix"><div class="head"><h2 id="figure-title"></h2></div>
            <div class="pickers" id="pickers" role="group" aria-label="Which matrix of the figure"></div>
            <div id="heat"></div>
            <p class="legend"><span id="unsigned">
            """)
        .Include(part => HeatMarkup.WriteLegend(part, "plain", false))
        .Write($"""</span><span id="signed">""")
        .Include(part => HeatMarkup.WriteLegend(part, "domain", true))
        .Write($"""
            </span> <span id="note"></span></p></section>

            """);

    void WriteCharts(HtmlWriter html)
    {
        html.Write($"<section class=\"card charts\"><div class=\"head\"><h2>Drawings</h2></div>\n");
        foreach (var group in charts)
        {
            html.Write($"""
                <details><summary>{group.Title}</summary>
                <p class="muted">{group.Note}</p>
                <div class="drawn">

                """);
            foreach (var chart in group.Charts)
                chart.Write(html);
            html.Write($"</div>\n");
            if (group.Keys is { IsDefaultOrEmpty: false } keys)
            {
                html.Write($"<p class=\"muted\">");
                foreach (var (hue, key) in keys.Index())
                    html.Write($"<span class=\"key hue-{hue}\"><i aria-hidden=\"true\"></i>{key}</span> ");
                html.Write($"</p>\n");
            }

            html.Write($"</details>\n");
        }

        html.Write($"</section>\n");
    }

    void WriteTables(HtmlWriter html)
    {
        html.Write($"""
            <section class="card table report" id="table"><div class="head"><h2>Report</h2></div>

            """);
        foreach (var (place, table) in ComponentTables.Of(report, tokens, TableRows).Index())
            WriteTable(html, table, place == 0);
        html.Write($"</section>\n");
    }

    static void WriteTable(HtmlWriter html, ReportTable table, bool isOpen)
    {
        html.Write($"<details");
        if (isOpen)
            html.Write($" open");
        html.Write($"><summary><bdi>{TraceWords.Notice(table.Title)}</bdi></summary>\n");
        foreach (var note in table.Notes)
            html.Write($"<p class=\"muted\">{note}</p>\n");
        html.Write($"<div class=\"scroll\"><table><thead><tr>");
        foreach (var column in table.Columns)
            html.Write($"<th>{column}</th>");
        html.Write($"</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            html.Write($"<tr>");
            foreach (var cell in row)
                html.Write($"<td><bdi>{cell}</bdi></td>");
            html.Write($"</tr>\n");
        }

        if (table.Rows.IsEmpty)
            html.Write($"<tr><td>none</td></tr>\n");
        html.Write($"</tbody></table></div></details>\n");
    }
}
