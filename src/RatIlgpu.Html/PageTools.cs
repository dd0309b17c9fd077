namespace RatIlgpu.Html;

/// <summary>The controls that all pages have at the end of their toolbar.</summary>
static class PageTools
{
    public static void WriteEnd(HtmlWriter html) => html.Write($"""
        <span class="space"></span>
        <label>Theme <select id="theme"><option value="auto">Auto<option value="light">Light<option value="dark">Dark
        </select></label>
        <span class="choice" role="group" aria-label="Export"><span>Export</span><span class="segments">
        <button id="export-svg">SVG</button><button id="export-png">PNG</button>
        <button id="export-json">JSON</button><button id="export-csv">CSV</button></span>
        <span id="said" class="muted" role="status"></span></span>
        <button id="help-open" aria-haspopup="dialog" title="Help (?)" aria-label="Help">?</button>

        """);
}
