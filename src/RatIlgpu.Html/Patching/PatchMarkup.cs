namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of patches: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class PatchMarkup(PatchSheet sheet, PatchRanks ranks, PatchPageOptions options, string title)
{
    // In the table that is there without script.
    const int MostRows = 100;

    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into a matrix, the diagram, the prompts or the list"),
        (["←", "→", "↑", "↓"], "to the next cell, head or token"),
        (["Enter", "Space"], "keep its place, or let it go"),
        (["Esc"], "let all places go"),
        (["m"], "effect, recovery or metric"),
        (["/"], "find a token"),
        (["?"], "this help"),
    ];

    bool HasSeveral => sheet.Pairs.Length > 1;

    bool IsPaths => sheet.Kind != PatchKind.Activation;

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = PatchWords.Facts(sheet, options),
            Notices = sheet.Pairs is [var only] && PatchWords.NoticeOf(only) is { } notice ? [notice] : [],
            WithoutScript = "The matrices and the diagram need JavaScript; the table of the largest effects does not.",
            Table = "the table of effects",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, PatchWords.Meanings(sheet)))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WritePrompts)
        .Include(WriteViews)
        .Include(WriteRail)
        .Include(WriteTable)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, PatchWords.Meanings(sheet), [.. AllKeys(), .. HeatMarkup.Keys]));

    IEnumerable<(string[] Keys, string Action)> AllKeys()
    {
        foreach (var key in Keys)
            yield return key;
        if (sheet.Sources.Length > 1)
            yield return (["v"], "heads, or sources by destinations");
        if (HasSeveral)
            yield return (["{", "}"], "previous or next pair");
    }

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">

            """);
        if (HasSeveral)
            WritePairs(html);
        Page.WriteChoice(
            html, "Number", "number", [("effect", "Effect"), ("recovery", "Recovery"), ("metric", "Metric")],
            isNamed: false);
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WritePairs(HtmlWriter html)
    {
        html.Write($"""
            <label class="pair">Pair <select id="pair"><option value="mean">Mean of {sheet.Pairs.Length} pairs
            """);
        foreach (var (i, pair) in sheet.Pairs.Index())
            html.Write($"""<option value="{i}">{PatchWords.LabelOf(pair, i, options)}""");
        html.Write($"""
            </select></label>
            <span class="choice" role="group" aria-label="Of the pairs" id="stats"><span class="segments">
            <button data-set="stat" value="mean">Mean</button>
            <button data-set="stat" value="spread">Spread</button></span></span>

            """);
    }

    static void WritePrompts(HtmlWriter html) => html.Write($"""
        <section class="card prompts" aria-label="Prompts"><div class="head"><h2 id="whose">Prompts</h2>
        <span id="measured" class="number"></span></div>
        <p class="notice" id="pair-notice" hidden></p>
        <div class="sides"><div class="side-names muted" aria-hidden="true"><span></span><span>clean</span>
        <span>corrupted</span></div>
        <div id="tokens" class="both" role="group" aria-label="Tokens of both prompts"></div>
        </div></section>

        """);

    void WriteViews(HtmlWriter html)
    {
        html.Write($"""
            <div class="left">
            <section class="card views" aria-label="Effects"><div class="head"><h2 id="view-title"></h2>

            """);
        if (sheet.Sources.Length > 1)
            Page.WriteChoice(html, "Show", "view", [("maps", "Heads"), ("matrix", "Matrix")], isNamed: false);
        WriteLegends(html);
        html.Write($"""
            </div><div class="pickers" role="group" aria-label="Places that are kept">
            """);
        // The script lists the places of each axis.
        foreach (var (i, axis) in sheet.Axes.Index())
            html.Write($"""
                <label>{axis.Title} <select id="axis-{i}"></select></label>

                """);
        html.Write($"""
            </div><div class="panes" id="panes">

            """);
        for (var i = 0; i < 2; i++)
            html.Write($"""
                <div class="pane" id="pane-{i}"><h3 id="pane-title-{i}"></h3><div id="heat-{i}"></div></div>

                """);
        html.Write($"</div></section>\n");
        if (IsPaths)
            WriteDiagram(html);
        html.Write($"</div>\n");
    }

    void WriteLegends(HtmlWriter html)
    {
        html.Write($"""<span id="signed">""");
        HeatMarkup.WriteLegend(html, "legend", isSigned: true);
        html.Write($"</span>\n");
        if (!HasSeveral)
            return;
        html.Write($"""<span id="unsigned" hidden>""");
        HeatMarkup.WriteLegend(html, "spread", isSigned: false);
        html.Write($"</span>\n");
    }

    void WriteDiagram(HtmlWriter html) => html.Write($"""
        <section class="card flows" aria-label="Diagram"><div class="head"><h2>The strongest paths</h2>
        <span class="muted">wider: larger effect · <i class="plus" aria-hidden="true"></i> raises ·
        <i class="minus" aria-hidden="true"></i> lowers the metric</span>
        <label>Curves <input id="edges" type="range" min="1" max="{MostCurves}" step="1" value="1">
        <output id="edges-shown" for="edges"></output></label></div>
        <div class="canvas" id="canvas"><svg id="flow" role="group" aria-label="Diagram of the strongest paths. Arrow
        keys move between heads, Enter shows the paths of a head."><g class="columns" aria-hidden="true"></g>
        <g class="links" aria-hidden="true"></g><g class="nodes"></g></svg></div></section>

        """);

    int MostCurves => Math.Clamp(ranks.Effects.Count(effect => !double.IsNaN(effect)), 1, PatchData.MostDrawn);

    static void WriteRail(HtmlWriter html) => html.Write($"""
        <aside>
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card largest"><div class="head"><h2>Largest effects</h2>
        <span id="of" class="muted"></span></div>
        <ol id="largest"></ol></section>
        </aside>

        """);

    void WriteTable(HtmlWriter html)
    {
        var rows = ranks.Strongest(MostRows);
        var all = ranks.Effects.Count(effect => !double.IsNaN(effect));
        html.Write($"""
            <details class="card table" id="table"><summary>Table: the {rows.Length} largest of {all} effects</summary>
            <div class="scroll"><table><caption class="muted">{(HasSeveral ? "Means over the pairs, with the spread of "
                + "the effect. " : "")}The exported CSV has all.</caption>
            <thead><tr><th>Patch</th><th>Metric</th><th>Effect</th>
            """);
        if (HasSeveral)
            html.Write($"<th>Spread</th>");
        html.Write($"<th>Recovery</th></tr></thead>\n<tbody>\n");
        foreach (var index in rows)
            WriteRow(html, index);
        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteRow(HtmlWriter html, int index)
    {
        var effect = ranks.Of(pair => pair.Effect(index));
        html.Write($"<tr><td><bdi>{sheet.NameOf(index)}</bdi></td>")
            .Write($"<td>{PatchWords.Number(ranks.Of(pair => pair.Values[index]).Mean)}</td>")
            .Write($"<td>{PatchWords.Number(effect.Mean)}</td>");
        if (HasSeveral)
            html.Write($"<td>{PatchWords.Number(effect.Spread)}</td>");
        html.Write($"<td>{PatchWords.Share(ranks.Of(pair => pair.Recovery(index)).Mean)}</td></tr>\n");
    }
}
