namespace RatIlgpu.Html;

/// <summary>Writes the body of a trace's page: the parts that need no script, and the elements that the script
/// fills.</summary>
static class TraceMarkup
{
    // In characters. A cell of the table stays on one line.
    const int LongestInTable = 40;

    static readonly (string What, string Meaning)[] Meanings =
    [
        ("Diagram", "Paths start at the target, at the right; each step goes to an earlier token that is attended to. "
            + "The height of a bar is the share of the paths through it."),
        ("Columns", "Hops counts the steps left to the target; Position is the order in the text."),
        TraceWords.ScoreMeaning,
        TraceWords.ShareMeaning,
        ("Width", "Share is the share of the path; Attention is share times the attention of the step."),
        TraceWords.PathsMeaning,
        ("Colours", "One for each path. After seven they repeat, dashed; after fourteen, dotted."),
        ("Heat", "The stronger the shade of a token, the larger its share of the paths, or the attention of the target "
            + "to it. Tokens on a path are underlined."),
        TraceWords.SignMeaning,
        ("Select", "A token or link lights the paths through it; once more lets it go."),
    ];

    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into the diagram or the text"),
        (["←", "→", "↑", "↓"], "to the next token"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["[", "]"], "previous or next path"),
        ([",", "."], "previous or next layer"),
        (["/"], "find a token; Enter goes to the next one"),
        (["0", "+", "−"], "fit, enlarge, reduce; or Ctrl and the wheel, or two fingers"),
        (["?"], "this help"),
    ];

    public static void Write(HtmlWriter html, TraceView view, string title) => html
        .Write($"""
            <a class="skip" href="#table">Skip to the table of links</a>
            <header>
            <h1>{title}</h1>

            """)
        .Include(part => WriteFacts(part, view))
        .Write($"""
            </header>

            """)
        .Include(part => WriteNotices(part, view))
        .Include(part => WriteTools(part, view))
        .Write($"""
            <main>

            """)
        .Include(part => WriteDiagram(part, view))
        .Include(WriteRail)
        .Include(WriteText)
        .Include(part => WriteTable(part, view))
        .Write($"""
            </main>
            <div class="tip" id="tip" role="tooltip"></div>

            """)
        .Include(part => WriteHelp(part, view));

    static void WriteFacts(HtmlWriter html, TraceView view)
    {
        html.Write($"""<dl class="facts">""");
        foreach (var (name, value) in TraceWords.Facts(view.First.Whole))
        {
            html.Write($"<div><dt>{name}<dd>");
            // The number at the start depends on the layer; it has an identifier, so that the script can change it.
            var number = view.HasSeveral && name is ("Layer" or "Paths") ? value.Split(' ')[0] : "";
            if (number.Length > 0)
                html.Write($"""<span id="{name.ToLowerInvariant()}-fact">{number}</span>""");
            // A name that is written from right to left must not reorder the text beside it.
            if (name == "Model")
                html.Write($"<bdi>{value}</bdi></div>");
            else
                html.Write($"{value[number.Length..]}</div>");
        }

        html.Write($"</dl>\n");
    }

    static void WriteNotices(HtmlWriter html, TraceView view)
    {
        html.Write($"""
            <noscript><p class="notice">The diagram needs JavaScript; the table of links does not.</p></noscript>

            """);
        foreach (var notice in view.Result.Notices)
            html.Write($"<p class=\"notice\">{TraceWords.Notice(notice)}</p>\n");
    }

    static void WriteTools(HtmlWriter html, TraceView view)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">
            <label>Path <select id="beam"></select></label>
            <span class="choice" role="group" aria-label="Columns"><span>Columns</span><span class="segments">
            <button data-set="cols" value="hops">Hops</button>
            <button data-set="cols" value="position">Position</button></span></span>
            <span class="choice" role="group" aria-label="Ribbon width"><span>Width</span><span class="segments">
            <button data-set="width" value="share">Share</button>
            <button data-set="width" value="attention">Attention</button></span></span>

            """).Include(part => WriteLayers(part, view)).Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"""
            </div>

            """);
    }

    static void WriteLayers(HtmlWriter html, TraceView view)
    {
        if (view.HasSeveral)
            html.Write($"""
                <label>Layer <input id="layer" type="range" min="0" max="{view.Layers.Length - 1}" step="1"
                value="{view.Layers.Length - 1}" aria-valuetext="Layer {view.Result.Layer}"
                ><output id="layer-shown" for="layer">{view.Result.Layer}</output></label>

                """);
    }

    static void WriteDiagram(HtmlWriter html, TraceView view)
    {
        var result = view.Result;
        var label = $"{result.Paths.Length} attention paths into position {result.TargetPosition}. "
            + "Arrow keys move between tokens, Enter selects.";
        html.Write($"""
            <section class="card diagram" aria-label="Path diagram">
            <div class="canvas" id="canvas">
            <svg id="flow" role="group" aria-label="{label}">
            <g id="links" aria-hidden="true"></g><g id="nodes"></g></svg>
            </div>

            """);
        if (view.Layers.Any(layer => TraceWords.WhyEmpty(layer.Whole) is not null))
            html.Write($"<p class=\"empty\" id=\"empty\">{TraceWords.WhyEmpty(view.First.Whole)}</p>\n");
        html.Write($"""
            <div class="zoom" role="group" aria-label="Zoom"><button id="zoom-out" aria-label="Zoom out">−</button>
            <button id="zoom-in" aria-label="Zoom in">+</button><button id="zoom-fit">Fit</button></div>
            <p class="legend"><span id="legend"></span> Read from right to left: the target attends to the tokens on
            its left. <span class="keys">Arrows move, Enter selects, ? helps.</span></p>
            </section>

            """);
    }

    static void WriteRail(HtmlWriter html) => html.Write($"""
        <aside>
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card paths"><div class="head"><h2>Paths</h2><span class="muted">score · share</span></div>
        <ol id="paths"></ol></section>
        </aside>

        """);

    static void WriteText(HtmlWriter html) => html.Write($"""
        <section class="card text"><div class="head"><h2>Text</h2>
        <span class="choice" role="group" aria-label="Heat"><span>Heat</span><span class="segments">
        <button data-set="heat" value="share">Path share</button>
        <button data-set="heat" value="attention">Attention of target</button></span></span>
        <span class="scale muted">0
        <span class="ramp" aria-hidden="true"><i data-h="1"></i><i data-h="2"></i><i data-h="3"></i>
        <i data-h="4"></i><i data-h="5"></i><i data-h="6"></i><i data-h="7"></i></span>
        <span id="most"></span></span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div></section>

        """);

    static void WriteTable(HtmlWriter html, TraceView view)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>All links as a table (<span id="link-count">
            """).Write($"{view.First.Links.Length}").Write($"""
            </span>)</summary>
            <div class="scroll"><table><caption>Steps of the paths</caption>
            <thead><tr><th scope="col">Link<th scope="col">Query
            <th scope="col">attends to key<th scope="col">Attention<th scope="col">Path share
            <th scope="col">Share × attention<th scope="col">Paths

            """);
        // Without script the table shows all layers; the script shows one. Cells and rows need no end tags.
        foreach (var layer in view.Layers)
        {
            html.Write($"<tbody>\n");
            if (view.HasSeveral)
                html.Write($"""<tr><th colspan="7" scope="rowgroup">Layer {layer.Result.Layer}""");
            for (var i = 0; i < layer.Links.Length; i++)
                WriteRow(html, layer, i);
            html.Write($"</tbody>");
        }

        html.Write($"</table></div></details>\n");
    }

    static void WriteRow(HtmlWriter html, LayerView view, int index)
    {
        var link = view.Links[index];
        html.Write($"""<tr><td><button>{index + 1}</button>""");
        WriteToken(html, view.Result, link.Target);
        WriteToken(html, view.Result, link.Source);
        html.Write($"<td>{link.Attention:F5}<td>{view.Result.ShareOf(link) * 100:F1} %<td>{link.Value:F5}");
        html.Write($"<td>{string.Join(", ", link.PathIndices.Select(path => path + 1))}\n");
    }

    static void WriteToken(HtmlWriter html, TraceResult result, int position) =>
        html.Write($"<td><bdi>{TokenGlyphs.Show(result.Tokens[position], LongestInTable)}</bdi> {position}");

    static void WriteHelp(HtmlWriter html, TraceView view) =>
        Page.WriteHelp(html, Meanings, Keys.Where(key => view.HasSeveral || key.Keys[0] != ","));
}
