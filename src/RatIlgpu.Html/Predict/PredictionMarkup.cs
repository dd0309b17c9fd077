namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of prediction tables: the parts that need no script, and the elements that the
/// script fills.</summary>
sealed class PredictionMarkup(PredictionView view, PredictionPageOptions options, string title)
{
    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = PredictionWords.Facts(view, options),
            WithoutScript = "The tables with all tokens need JavaScript; the table of predictions does not.",
            Table = "the table of predictions",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, PredictionWords.Meanings))
        .Include(WriteTools)
        .Write($"""
            <main>
            <section class="card boxes"><div class="head"><h2 id="prompt-name"></h2></div>
            <div class="tokens" id="toks"></div><p class="after" id="after"></p></section>
            <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
            <section class="card rows" aria-label="Predictions by condition"><div class="scroll" tabindex="0"
            role="region" aria-label="Table of conditions; scrolls sideways"><table id="rows">
            <thead><tr><th scope="col">Condition<th scope="col">Predicts<th scope="col">Δ logit<th scope="col">Δ log p
            <th scope="col">KL<th scope="colgroup" id="moved">Risen and fallen
            </thead></table></div></section>

            """)
        .Include(new PredictionTables(view).Write)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, PredictionWords.Meanings, PredictionWords.Keys));

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">

            """);
        if (view.Report.Prompts.Length > 1)
        {
            html.Write($"""<label class="prompt">Prompt <select id="prompt">""");
            foreach (var (place, one) in view.Report.Prompts.Index())
                html.Write($"""<option value="{place + 1}">{place + 1}: {view.NameOf(one.Prompt)}""");
            html.Write($"</select></label>\n");
        }

        html.Include(Page.WriteFind).Include(part => Page.WriteToolsEnd(part, hasPicture: false))
            .Write($"</div>\n");
    }
}
