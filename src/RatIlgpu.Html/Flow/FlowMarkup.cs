namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of flows: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class FlowMarkup(FlowViews views, FlowView view, FlowPageOptions options)
{
    static readonly (string What, string Meaning)[] Meanings =
    [
        ("Diagram", "Each row is a token of the text, from top to bottom, each column the place before a layer; the "
            + "target is at the right, the text before the first layer at the left. Only tokens on a drawn path have a "
            + "row. A ribbon that runs straight stays at its token; one that bends moves in the layer that is named "
            + "above."),
        ("Width", "A ribbon is as wide as the probability of its path, and keeps its place in its row."),
        FlowWords.StepMeaning,
        FlowWords.PathMeaning,
        FlowWords.ShareMeaning,
        ("5 of at most 5", "How many paths the search found, how many it was to keep, and what part of the whole "
            + "they are."),
        ("Colours", "One for each path. After seven they repeat, dashed; after fourteen, dotted."),
        ("Heat", "The stronger the shade of a token, the larger its share. Tokens on a path are underlined."),
        TraceWords.SignMeaning,
        ("Select", "A token, a bar or a ribbon lights the paths through it; once more lets it go."),
    ];

    readonly string title = FlowWords.TitleOf(view.Whole, options);

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = FlowWords.Facts(view.Whole),
            Notices = view.Result.Notices.Select(TraceWords.Notice),
            WithoutScript = "The diagram and the controls need JavaScript; the tables do not.",
            Table = "the table of paths",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, Meanings))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WriteDiagram)
        .Include(WriteRail)
        .Include(WriteText)
        .Include(part => PromptTable.Write(
            part, views.Prompts, [.. views.Prompts.Select(prompt => FlowTables.RowOf(prompt.Opening))],
            FlowTables.OfPrompts))
        .Include(part => FlowTables.WritePaths(part, view))
        .Include(part => FlowTables.WriteShares(part, view))
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin ?? view.Whole.Origin)))
        .Include(part => Page.WriteEnd(part, Meanings, [
            .. TraceMarkup.KeysOf("bar or token"), .. Pickers.KeysOf(views.Prompts),
        ]));

    void WriteTools(HtmlWriter html) => html
        .Write($"""
            <div class="tools" role="group" aria-label="View">

            """)
        .Include(part => Pickers.Write(
            part, views.Prompts, views.First.Options.ToLayer.Value, Devices.HeadAggregation.Mean))
        .Write($"""
            <label>Path <select id="beam"></select></label>

            """)
        .Include(part => Page.WriteZoom(part, "segments"))
        .Include(Page.WriteFind)
        .Include(Page.WriteToolsEnd)
        .Write($"</div>\n");

    void WriteDiagram(HtmlWriter html)
    {
        var label = FlowWords.Diagram(view.Result) + ". Arrow keys move between bars, Enter selects.";
        html.Write($"""
            <section class="card diagram" aria-label="Path diagram">
            <div class="canvas" id="canvas">
            <svg id="flow" role="group" aria-label="{label}"><g class="guides" aria-hidden="true"></g>
            <g id="links" aria-hidden="true"></g><g id="nodes"></g><g class="names" aria-hidden="true"></g></svg>
            </div>

            """);
        // With several views, another one may be empty.
        if (FlowWords.WhyEmpty(view.Whole) is var reason && (reason is not null || views.HasSeveral))
            html.Write($"<p class=\"empty\" id=\"empty\">{reason}</p>\n");
        html.Write($"""
            <p class="legend"><span id="legend"></span> {FlowWords.Reading} <span class="keys">Arrows move, Enter
            selects, ? helps.</span></p>
            </section>

            """);
    }

    static void WriteRail(HtmlWriter html) => TraceMarkup.WriteRail(html, "probability");

    static void WriteText(HtmlWriter html) => TraceMarkup.WriteText(html, part => part.Write($"""
        <span class="muted">share of the target that comes from each token</span>

        """));
}
