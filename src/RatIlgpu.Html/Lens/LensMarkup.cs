namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of the lens: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class LensMarkup(LensView view, LensPageOptions options, string title)
{
    static readonly (string Value, string Name)[] OfAll =
        [("kl", "KL(final ‖ state)"), ("entropy", "Entropy")];

    bool HasMean => view.Batch.Prompts.Sum(prompt => prompt.States.Length) > view.States.Length;

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = LensWords.Facts(view, options),
            Notices = options.Notices.Select(TraceWords.Notice),
            WithoutScript = "The grid and the plot need JavaScript; the table of states does not.",
            Table = "the table of states",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, LensWords.Meanings))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WriteGrid)
        .Include(WriteRail)
        .Include(WriteText)
        .Include(new LensTables(view).Write)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(
            part, LensWords.Meanings, [.. LensWords.Keys, .. KeysOfPrompts, .. HeatMarkup.Keys]));

    IEnumerable<(string[] Keys, string Action)> KeysOfPrompts =>
        view.Prompts.Length > 1 ? [(["{", "}"], "previous or next prompt")] : [];

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">

            """);
        if (view.Prompts.Length > 1)
        {
            html.Write($"""<label class="prompt">Prompt <select id="prompt">""");
            foreach (var prompt in view.Prompts)
                html.Write($"""<option value="{prompt.Number}">{prompt.Number}: {prompt.Label}""");
            html.Write($"</select></label>\n");
        }

        WriteMetrics(html);
        Page.WriteChoice(html, "States", "states", [("all", "All"), ("layers", "Layers")]);
        Page.WriteChoice(html, "Input at", "input", [("bottom", "Bottom"), ("top", "Top")]);
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WriteMetrics(HtmlWriter html)
    {
        html.Write($"""<label>Colour <select id="metric">""");
        if (view.Top > 0)
            WriteOptions(html, [("top", "Probability of top token"), ("top-logit", "Logit of top token")]);
        WriteOptions(html, OfAll);
        for (var place = 0; place < view.Followed; place++)
        {
            var name = LensWords.Followed(view, place);
            WriteOptions(
                html,
                [
                    ($"p{place}", $"Probability of {name}"), ($"r{place}", $"Rank of {name}"),
                    ($"l{place}", $"Logit of {name}"),
                ]);
        }

        WriteOptions(html, view.Directions.Select((name, i) => ($"d{i}", $"Direction {LensWords.Direction(name)}")));
        html.Write($"</select></label>\n");
    }

    static void WriteOptions(HtmlWriter html, IEnumerable<(string Value, string Name)> all)
    {
        foreach (var (value, name) in all)
            html.Write($"""<option value="{value}">{name}""");
    }

    static void WriteGrid(HtmlWriter html) => html
        .Write($"""
            <section class="card grid" aria-label="States by position">
            <div class="heat" id="grid"></div>
            <p class="legend"><span id="legend"></span>

            """)
        .Include(part => HeatMarkup.WriteLegend(part, "unsigned", false))
        .Include(part => HeatMarkup.WriteLegend(part, "signed", true))
        .Write($"""
            <span class="keys">Arrows move, Enter selects, ? helps.</span></p></section>

            """);

    void WriteRail(HtmlWriter html)
    {
        html.Write($"""
            <aside>
            <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
            <section class="card plot"><div class="head"><h2 id="plot-title">Through the states</h2>
            <select id="line" aria-label="Plot">
            """);
        if (view.Top + view.Followed > 0)
            WriteOptions(html, [("probability", "Probability"), ("logit", "Logit")]);
        if (view.Followed > 0)
            WriteOptions(html, [("rank", "Rank")]);
        WriteOptions(html, OfAll);
        html.Write($"</select></div>\n");
        if (HasMean)
            Page.WriteChoice(html, "Plot of", "of", [("cell", "The position"), ("mean", "Mean of all")]);
        html.Write($"""
            <svg id="plot" role="img" viewBox="0 0 316 180"></svg><p class="legend" id="lines"></p></section>
            </aside>

            """);
    }

    static void WriteText(HtmlWriter html) => html.Write($"""
        <section class="card text"><div class="head"><h2>Text</h2><span class="muted" id="text-shade"></span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div></section>

        """);
}
