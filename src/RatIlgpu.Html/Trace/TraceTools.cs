namespace RatIlgpu.Html.Trace;

/// <summary>The controls above a trace.</summary>
static class TraceTools
{
    /// <summary>Writes them.</summary>
    public static void Write(HtmlWriter html, TraceView view)
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

            """).Include(part => WriteLayers(part, view)).Write($"""
            <label>Find token <input id="q" type="search" size="12" autocomplete="off" spellcheck="false"></label>
            <span id="hits" class="muted" role="status"></span>

            """).Include(PageTools.WriteEnd).Write($"""
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
}
