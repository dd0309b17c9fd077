using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a trace's page: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class TraceMarkup(TraceViews views, TraceView view, string title)
{
    // In characters. A cell of the table stays on one line.
    const int LongestInTable = 40;

    // What a link counts, in a sentence and as a heading.
    readonly string measure = PathText.MeasureOf(view.Result.Options.Weights),
        heading = TraceWords.Measure(view.Result.Options.Weights);

    (string What, string Meaning)[] Meanings =>
    [
        ("Diagram", "Paths start at the target, at the right; each step goes to an earlier token that is attended to. "
            + "The height of a bar is the share of the paths through it."),
        ("Columns", "Hops counts the steps left to the target; Position is the order in the text."),
        TraceWords.ScoreMeaning(view.Result.Options.Weights),
        TraceWords.ShareMeaning,
        ("Width", $"Share is the share of the path; {heading} is share times the {measure} of the step."),
        .. WeightMeaning,
        .. views.AreExplained ? [TraceWords.PairMeaning] : ((string, string)[])[],
        TraceWords.PathsMeaning,
        (TraceWords.Predicts, "The likeliest next tokens after the target, with their probabilities."),
        ("Colours", "One for each path. After seven they repeat, dashed; after fourteen, dotted."),
        ("Heat", $"The stronger the shade of a token, the larger its share of the paths, or the {measure} of the "
            + "target to it. Tokens on a path are underlined."),
        TraceWords.SignMeaning,
        ("Select", "A token or link lights the paths through it; once more lets it go."),
    ];

    // What the number is stands among the facts; the help says where it is.
    (string What, string Meaning)[] WeightMeaning => view.Result.Options.Weights == AttentionWeights.Standard
        ? []
        : [(heading, "What a link counts in the place of its attention; Weights, at the top, says what that is.")];

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = TraceWords.Facts(view.Whole),
            Emphasis = TraceWords.Predicts,
            Notices = view.Result.Notices.Select(TraceWords.Notice),
            WithoutScript = $"{(views.HasSeveral ? "The diagram and the controls need" : "The diagram needs")} "
                + "JavaScript; the table of links does not.",
            Table = "the table of links",
        }))
        .Include(WriteTools)
        .WriteRaw(views.AreExplained ? "<main class=\"explained\">\n" : "<main>\n")
        .Include(WriteDiagram)
        .Include(part => WriteRail(part, "score · share"))
        .Include(part => WriteText(part, WriteHeat))
        .Include(part => PromptTable.Write(part, views))
        .Include(WriteTable)
        .Write($"""
            </main>

            """)
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(view.Whole)))
        .Include(part => Page.WriteEnd(part, Meanings, [.. KeysOf("token"), .. Pickers.KeysOf(views.Prompts)]));

    /// <summary>Returns the keys of a page of paths, for its help.</summary>
    /// <param name="stops">What arrows move between.</param>
    public static (string[] Keys, string Action)[] KeysOf(string stops) =>
    [
        (["Tab"], "into the diagram or the text"),
        (["←", "→", "↑", "↓"], $"to the next {stops}"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["[", "]"], "previous or next path"),
        (["/"], "find a token; Enter goes to the next one"),
        (["0", "+", "−"], "fit, enlarge, reduce; or Ctrl and the wheel, or two fingers"),
        (["?"], "this help"),
    ];

    void WriteTools(HtmlWriter html) => html
        .Write($"""
            <div class="tools" role="group" aria-label="View">

            """)
        .Include(part => Pickers.Write(
            part, views.Prompts, views.First.Layer, views.First.Options.Heads))
        .Write($"""
            <label>Path <select id="beam"></select></label>
            <span class="choice" role="group" aria-label="Columns"><span>Columns</span><span class="segments">
            <button data-set="cols" value="hops">Hops</button>
            <button data-set="cols" value="position">Position</button></span></span>
            <span class="choice" role="group" aria-label="Ribbon width"><span>Width</span><span class="segments">
            <button data-set="width" value="share">Share</button>
            <button data-set="width" value="attention">{heading}</button></span></span>

            """)
        .Include(Page.WriteFind)
        .Include(Page.WriteToolsEnd)
        .Write($"""
            </div>

            """);

    void WriteDiagram(HtmlWriter html)
    {
        var result = view.Result;
        var label = $"{TraceWords.Diagram(result)}. "
            + "Arrow keys move between tokens, Enter selects.";
        html.Write($"""
            <section class="card diagram" aria-label="Path diagram">
            <div class="canvas" id="canvas">
            <svg id="flow" role="group" aria-label="{label}">
            <g id="links" aria-hidden="true"></g><g id="nodes"></g></svg>
            </div>

            """);
        // With several views, another one may be empty.
        if (TraceWords.WhyEmpty(view.Whole) is var reason && (reason is not null || views.HasSeveral))
            html.Write($"<p class=\"empty\" id=\"empty\">{reason}</p>\n");
        html.Include(part => Page.WriteZoom(part, "zoom")).Write($"""
            <p class="legend"><span id="legend"></span> Read from right to left: the target attends to the tokens on
            its left. <span class="keys">Arrows move, Enter selects, ? helps.</span></p>
            </section>

            """);
    }

    /// <summary>Writes the details and the list of paths, which the script fills.</summary>
    /// <param name="html">The page.</param>
    /// <param name="numbers">What the numbers of a path are.</param>
    public static void WriteRail(HtmlWriter html, string numbers) => html.Write($"""
        <aside>
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card paths"><div class="head"><h2>Paths</h2><span class="muted">{numbers}</span></div>
        <ol id="paths"></ol></section>
        </aside>

        """);

    void WriteHeat(HtmlWriter html) => html.Write($"""
        <span class="choice" role="group" aria-label="Heat"><span>Heat</span><span class="segments">
        <button data-set="heat" value="share">Path share</button>
        <button data-set="heat" value="attention">{heading} of target</button></span></span>

        """);

    /// <summary>Writes the text of the prompt, which the script fills.</summary>
    /// <param name="html">The page.</param>
    /// <param name="heat">Writes what the shades stand for.</param>
    public static void WriteText(HtmlWriter html, Action<HtmlWriter> heat) => html.Write($"""
        <section class="card text"><div class="head"><h2>Text</h2>

        """).Include(heat).Write($"""
        <span class="scale muted">0
        <span class="ramp" aria-hidden="true"><i data-h="1"></i><i data-h="2"></i><i data-h="3"></i>
        <i data-h="4"></i><i data-h="5"></i><i data-h="6"></i><i data-h="7"></i></span>
        <span id="most"></span></span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div></section>

        """);

    void WriteTable(HtmlWriter html)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>All links as a table (<span id="link-count">
            """).Write($"{view.Links.Length}").Write($"""
            </span>)</summary>
            <div class="scroll"><table><caption>Steps of the paths</caption>
            <thead><tr><th scope="col">Link<th scope="col">Query
            <th scope="col">attends to key<th scope="col">{heading}<th scope="col">Path share
            <th scope="col">Share × {measure}<th scope="col">Paths

            """);
        if (views.AreExplained)
            html.Write($"""
                <th scope="col">Attention score<th scope="col">Position alone<th scope="col">Largest pairs, query · key

                """);
        html.Write($"""
            <tbody>

            """);
        // Cells and rows need no end tags.
        for (var i = 0; i < view.Links.Length; i++)
            WriteRow(html, i);
        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteRow(HtmlWriter html, int index)
    {
        var link = view.Links[index];
        html.Write($"""<tr><td><button>{index + 1}</button>""");
        WriteToken(html, view.Result, link.Target);
        WriteToken(html, view.Result, link.Source);
        html.Write($"<td>{link.Attention:F5}<td>{TraceWords.Percent(view.Result.ShareOf(link))}<td>{link.Value:F5}");
        html.Write($"<td>{string.Join(", ", link.PathIndices.Select(path => path + 1))}");
        if (views.AreExplained)
            WriteWhy(html, view.ExplanationOf(link));
        html.Write($"\n");
    }

    static void WriteWhy(HtmlWriter html, LinkExplanation? why)
    {
        if (why is null)
        {
            html.Write($"<td><td><td>");
            return;
        }

        var pairs = why.Pairs.Select(pair => $"{TraceWords.PairOf(pair)} {TraceWords.Signed(pair.Value)}");
        html.Write($"<td>{TraceWords.Signed(why.Score)}<td>{TraceWords.Signed(why.PositionAlone)}")
            .Write($"<td><bdi>{string.Join("; ", pairs)}</bdi>");
    }

    static void WriteToken(HtmlWriter html, TraceResult result, int position) =>
        html.Write($"<td><bdi>{TokenGlyphs.Show(result.Tokens[position], LongestInTable)}</bdi> {position}");
}
