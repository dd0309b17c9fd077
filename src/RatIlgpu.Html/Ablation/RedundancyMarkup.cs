namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of one of the two tests.</summary>
sealed class RedundancyMarkup(TestView view, AblationPageOptions options, string title)
{
    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = Facts(),
            WithoutScript = "The picture needs JavaScript; the findings and the table do not.",
            Table = "the table of numbers",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, view.Meanings))
        .Include(WriteTools)
        .Write($"<main class=\"test\">\n")
        .Include(WritePicture)
        .Include(AblationMarkup.WriteText)
        .Include(WriteTable)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, view.Meanings, RedundancyWords.Keys));

    IEnumerable<(string Name, string Value)> Facts() =>
    [
        .. options.Model is { } model ? [("Model", TraceWords.Name(model.Name))] : Array.Empty<(string, string)>(),
        view.Components is { } components
            ? ("Components", components.ToString())
            : ("Heads", AblationWords.Listed(view.Heads)),
        .. view.Facts,
        ("Samples", AblationWords.SamplesOf(view.Samples)),
    ];

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">
            <label>Layer <select id="layer">
            """);
        foreach (var layer in view.Layers)
            html.Write($"""<option value="{layer}">{layer}""");
        html.Write($"</select></label>\n");
        Page.WriteChoice(html, "Measure", "measure", [("projection", "NIP"), ("cosine", "Cosine")]);
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WritePicture(HtmlWriter html)
    {
        html.Write($"""
            <section class="card plot wide" aria-label="Outputs compared">
            <div class="head"><h2 id="plot-title">Outputs compared</h2></div>
            <svg id="plot" role="img"></svg><p class="legend" id="lines"></p></section>
            <aside>
            <section class="card findings"><div class="head"><h2>Findings</h2></div><ul>

            """);
        foreach (var finding in view.Findings)
            html.Write($"<li>{finding}\n");
        html.Write($"""
            </ul></section>
            <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
            </aside>

            """);
    }

    void WriteTable(HtmlWriter html)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>The numbers as a table</summary>
            <div class="scroll"><table><caption>Means over the samples, and their sample standard deviations</caption>
            <thead><tr><th scope="col">Layer
            """);
        foreach (var column in view.Columns)
            html.Write($"""<th scope="col">{column}""");
        html.Write($"<tbody>\n");
        foreach (var layer in view.Layers)
            foreach (var row in view.RowsOf(layer))
            {
                html.Write($"<tr><td>{layer}");
                foreach (var cell in row)
                    html.Write($"<td>{cell}");
                html.Write($"\n");
            }

        html.Write($"</tbody></table></div></details>\n");
    }
}
