using System.Globalization;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Trace;

/// <summary>The visible part of a trace's page, as far as it stands without script.</summary>
static class TraceMarkup
{
    // A cell of the table stays on one line.
    const int LongestInTable = 40;

    public static void Write(HtmlWriter html, TraceView view, string title) => html
        .Write($"""
            <a class="skip" href="#table">Skip to the table of links</a>
            <header>
            <h1>{title}</h1>

            """)
        .Include(part => WriteFacts(part, view.Result))
        .Write($"""
            </header>

            """)
        .Include(part => WriteNotices(part, view.Result))
        .Include(part => WriteTools(part, view.Result.Paths.Length))
        .Write($"""
            <main>

            """)
        .Include(part => WriteDiagram(part, view.Result))
        .Include(WriteRail)
        .Include(WriteText)
        .Include(part => WriteTable(part, view))
        .Write($"""
            </main>
            <div class="tip" id="tip" role="tooltip"></div>

            """);

    static void WriteFacts(HtmlWriter html, TraceResult result)
    {
        var options = result.Options;
        html.Write($"""<dl class="facts">""");
        Fact(html, "Model", result.Model.Name);
        Fact(html, "Layer", $"{result.Layer} (of 0 to {result.Model.LayerCount - 1})");
        Fact(html, "Heads", TraceWords.Heads(options.Heads, result.Model.HeadCount));
        Fact(html, "Target", $"position {result.TargetPosition}");
        Fact(html, "Tokens", $"{result.Tokens.Length}");
        Fact(html, "Paths", $"{result.Paths.Length} of at most {options.TopBeam}");
        Fact(html, "Top-k", $"{options.TopK}");
        Fact(html, "Length norm", options.LengthNormalization.ToString());
        if (options.MinAttention > 0)
            Fact(html, "Min attention", options.MinAttention.ToString(CultureInfo.InvariantCulture));
        html.Write($"</dl>\n");
    }

    static void Fact(HtmlWriter html, string name, string value) =>
        html.Write($"<div><dt>{name}</dt><dd>{value}</dd></div>");

    static void WriteNotices(HtmlWriter html, TraceResult result)
    {
        html.Write($"""
            <noscript><p class="notice">The diagram needs JavaScript; the table of links does not.</p></noscript>

            """);
        foreach (var notice in result.Notices)
            html.Write($"<p class=\"notice\">{notice}</p>\n");
    }

    static void WriteTools(HtmlWriter html, int paths)
    {
        html.Write($"""
            <div class="tools" role="toolbar" aria-label="View">
            <label>Path <select id="beam"><option value="">All</option>
            """);
        for (var path = 0; path < paths; path++)
            html.Write($"""<option value="{path}">Path {path + 1}</option>""");
        html.Write($"""
            </select></label>
            <span class="choice" role="group" aria-label="Columns"><span>Columns</span><span class="segments">
            <button data-set="cols" value="hops">Hops</button>
            <button data-set="cols" value="position">Position</button></span></span>
            <span class="choice" role="group" aria-label="Ribbon width"><span>Width</span><span class="segments">
            <button data-set="width" value="share">Share</button>
            <button data-set="width" value="attention">Attention</button></span></span>
            <label>Find token <input id="q" type="search" size="12" autocomplete="off" spellcheck="false"></label>
            <span id="hits" class="muted" role="status"></span>
            <span class="space"></span>
            <label>Theme <select id="theme"><option value="auto">Auto</option><option value="light">Light</option>
            <option value="dark">Dark</option></select></label>
            <span class="choice" role="group" aria-label="Export"><span>Export</span><span class="segments">
            <button id="export-svg">SVG</button><button id="export-png">PNG</button>
            <button id="export-json">JSON</button></span></span>
            </div>

            """);
    }

    static void WriteDiagram(HtmlWriter html, TraceResult result)
    {
        var label = $"{result.Paths.Length} attention paths into position {result.TargetPosition}. "
            + "Arrow keys move between tokens, Enter selects.";
        html.Write($"""
            <section class="card diagram" aria-label="Path diagram">
            <div class="canvas" id="canvas">
            <svg id="flow" role="group" aria-label="{label}">
            <g id="links" aria-hidden="true"></g><g id="nodes"></g></svg>
            </div>

            """);
        if (TraceWords.WhyEmpty(result) is { } reason)
            html.Write($"<p class=\"empty\" id=\"empty\">{reason}</p>\n");
        html.Write($"""
            <div class="zoom" role="group" aria-label="Zoom"><button id="zoom-out" aria-label="Zoom out">−</button>
            <button id="zoom-in" aria-label="Zoom in">+</button><button id="zoom-fit">Fit</button></div>
            <p class="legend"><span id="legend"></span> Read from right to left: the target attends to the tokens on
            its left. <span class="keys">Keys: arrows move, Enter selects, Esc clears, [ and ] step through paths,
            0 + − zoom, / finds.</span></p>
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
        <span class="ramp" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i><i></i><i></i></span>
        <span id="most"></span></span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div></section>

        """);

    static void WriteTable(HtmlWriter html, TraceView view)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>All links as a table ({view.Links.Length})</summary>
            <div class="scroll"><table><thead><tr><th scope="col">Link</th><th scope="col">Query</th>
            <th scope="col">attends to key</th><th scope="col">Attention</th><th scope="col">Path share</th>
            <th scope="col">Share × attention</th><th scope="col">Paths</th></tr></thead><tbody>

            """);
        for (var i = 0; i < view.Links.Length; i++)
            WriteRow(html, view, i);
        html.Write($"</tbody></table></div></details>\n");
    }

    static void WriteRow(HtmlWriter html, TraceView view, int index)
    {
        var link = view.Links[index];
        html.Write($"""<tr><td><button data-pick="e{index}">{index + 1}</button></td>""");
        WriteToken(html, view.Result, link.Target);
        WriteToken(html, view.Result, link.Source);
        html.Write($"<td>{link.Attention:F5}</td><td>{view.ShareOf(link) * 100:F1} %</td><td>{link.Value:F5}</td>");
        html.Write($"<td>{string.Join(", ", link.PathIndices.Select(path => path + 1))}</td></tr>\n");
    }

    static void WriteToken(HtmlWriter html, TraceResult result, int position) =>
        html.Write($"<td><bdi>{TokenGlyphs.Show(result.Tokens[position], LongestInTable)}</bdi> {position}</td>");
}
