namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of attributions: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class AttributionMarkup(AttributionViews views, AttributionPageOptions options, string title)
{
    static readonly ImmutableArray<int> Counts = [10, 20, 50, 100];

    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into the components, the matrix or the text"),
        (["←", "→", "↑", "↓"], "to the next component, cell or token"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["[", "]"], "previous or next component"),
        (["/"], "find a token; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    bool HasStreams => views.Units.Any(unit => unit.IsCumulative);

    IEnumerable<(string What, string Meaning)> Meanings
    {
        get
        {
            yield return ("Bars", "What each part of the model adds to the logit (blue, to the right) or takes from it "
                + "(orange, to the left), at the explained position. Every part is divided by the one scale of the "
                + "final norm, so that the bars sum to the logit.");
            if (HasStreams)
                yield return (
                    "Stream so far", "The logit of the stream up to each layer, by the scale of the final "
                    + "norm. Each row contains those before it: rows are not summed. A bar is the step from the row "
                    + "before.");
            yield return (
                "Unaccounted",
                "The sum of the rows that are not shown. With it and rounding, the rows sum to the logit.");
            yield return ("Rounding", "The logit of the model less the sum of all rows: what float32 loses.");
            if (views.Sources is not null)
            {
                yield return ("Matrix", "What each head (row) reads from each token (column): its attention to the "
                    + "token, times what it writes of the token along the logit. A row sums to the bar of its head. "
                    + "Parts that are no heads write at the explained position only. The scale of colours ends at the "
                    + "largest cell of a head on the page; other parts can be beyond.");
                yield return ("Text", "The shades are the cells of the selected component, or else the sum over all "
                    + "heads.");
            }

            if (views.HasSeveral)
                yield return ("Mean", "The mean of each row over all prompts and positions; the line is the sample "
                    + "standard deviation to both sides.");
            yield return TraceWords.SignMeaning;
            yield return ("Select", "A component, a cell or a token is outlined everywhere; once more lets it go.");
        }
    }

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = AttributionWords.Facts(views.Views[views.Opening], views, options),
            Emphasis = AttributionWords.Explains,
            WithoutScript = "The bars, the matrix and the controls need JavaScript; the table of rows does not.",
            Table = "the table of rows",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, Meanings))
        .Include(WriteTools)
        .Write($"""
            <main>

            """)
        .Include(WriteComponents)
        .Include(WriteSources)
        .Include(WriteText)
        .Include(new AttributionTables(views).Write)
        .Write($"""
            </main>

            """)
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, Meanings, [.. Keys, .. MoreKeys(), .. HeatMarkup.Keys]));

    IEnumerable<(string[] Keys, string Action)> MoreKeys()
    {
        if (views.Units.Length > 1)
            yield return ([",", "."], "previous or next kind of rows");
        if (views.Prompts.Any(prompt => prompt.Views.Length > 1))
            yield return (["(", ")"], "previous or next position");
        if (views.Prompts.Length > 1)
            yield return (["{", "}"], "previous or next prompt");
    }

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">

            """);
        if (views.Prompts.Length > 1)
            html.Write($"""
                <label class="prompt">Prompt <select id="prompt"><option value="mean">Mean of all {views.Views.Length}
                """);
        foreach (var prompt in views.Prompts.Where(_ => views.Prompts.Length > 1))
            html.Write($"""<option value="{prompt.Number}">{prompt.Number}: {prompt.Label}""");
        if (views.Prompts.Length > 1)
            html.Write($"</select></label>\n");
        if (views.Prompts.Any(prompt => prompt.Views.Length > 1))
            html.Write($"""
                <label>Position <select id="position"></select></label>

                """);
        if (views.Units.Length > 1)
            Page.WriteChoice(html, "Rows", "unit", views.Units.Select(unit =>
                (AttributionWords.Name(unit.Unit), AttributionWords.Rows(unit.Unit))));
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WriteComponents(HtmlWriter html)
    {
        html.Write($"""
            <section class="card components" aria-label="Components"><div class="head"><h2>What components add</h2>

            """);
        Page.WriteChoice(html, "Order", "order", [("size", "Size"), ("model", "Model")]);
        html.Write($"""
            <label class="choice">Largest <select id="top"><option value="0">all
            """);
        foreach (var count in Counts.Concat(options.Top is { } top and > 0 ? [top] : []).Distinct().Order())
            html.Write($"""<option value="{count}">{count}""");
        html.Write($"""
            </select></label></div>
            <ol id="bars" class="bars"></ol>
            <p class="legend"><span id="balance"></span> <span class="streams">Rows are not summed: each contains those
            before it, and its bar is the step from the row before.</span></p></section>

            """);
    }

    void WriteSources(HtmlWriter html)
    {
        html.Write($"""
            <section class="card sources" aria-label="Components by token"><div class="head">
            <h2 id="sources-title">What components read from each token</h2>

            """);
        if (views.Sources is not { } sources)
        {
            html.Write($"""
                </div><p class="empty">These rows are not divided by the token that was read: the record has no rows of
                the unit head-by-source.</p></section>

                """);
            return;
        }

        if (views.Prompts.Any(prompt => prompt.Views.Length > 1))
            Page.WriteChoice(
                html, "Rows of the matrix", "plot", [("components", "Components"), ("positions", "Positions")],
                isNamed: false);
        HeatMarkup.WriteLegend(html, "domain", isSigned: true);
        var rest = sources.LeftOut switch
        {
            0 => "",
            1 => " Unaccounted is a head that is not shown.",
            var some => $" Unaccounted is the sum of {some} heads that are not shown.",
        };
        html.Write($"""
            </div>
            <div id="heat"></div>
            <p class="legend" id="of-components">A row sums to the bar of its component. Parts that are no heads write
            at the explained position only, and can be beyond the scale, which ends at the largest cell of a head.{rest}
            </p>
            <p class="legend" id="of-positions" hidden>A row is an explained position: what the selected head, or all
            heads together, read from each token for the logit there. All rows have one scale.</p>
            <p class="empty">Tokens that were read mean another thing in each prompt and at each position: choose one to
            see what heads read there.</p></section>

            """);
    }

    static void WriteText(HtmlWriter html) => html.Write($"""
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card strip"><div class="head"><h2>Text</h2><span class="muted" id="shaded"></span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div></section>

        """);
}
