using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of an atlas: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class AtlasMarkup(HeadAtlas atlas, AtlasPageOptions options, string title)
{
    // With more heads in a layer, roles and scores stand one above the other.
    const int MostBeside = 16;

    // More of them would push the roles from the screen.
    const int MostWarnings = 3;

    static readonly (string Value, string Text)[] Measures =
        [("raw", "Raw"), ("excess", "Excess"), ("noFirst", "Without first"), ("noSelf", "Without self")];

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = AtlasWords.Facts(atlas),
            Notices = atlas.Manifest.Warnings.Length > MostWarnings
                ? []
                : atlas.Manifest.Warnings.Select(TraceWords.Notice),
            WithoutScript = "Roles, the strongest heads of each score, and what the scores mean are there without "
                + "JavaScript; the maps, the plot and the cards need it.",
            Table = "the table of the strongest heads",
        }))
        .Include(WriteWarnings)
        .Include(part => Page.WriteExplanation(part, options.HelpText, AtlasWords.Meanings))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(new AtlasMatrix(atlas, atlas.Manifest.HeadCount > MostBeside).Write)
        .Include(WriteScores)
        .Include(WriteRail)
        .Include(WritePlane)
        .Include(WriteRanks)
        .Include(WriteCard)
        .Include(new AtlasTables(atlas).Write)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, AtlasWords.Meanings, [.. AtlasWords.Keys, .. HeatMarkup.Keys]));

    void WriteWarnings(HtmlWriter html)
    {
        var manifest = atlas.Manifest;
        if (manifest.Warnings.Length <= MostWarnings)
            return;
        html.Write($"<div class=\"notice\"><ul>\n");
        foreach (var warning in manifest.ShortWarnings.Take(MostWarnings))
            html.Write($"<li>{TraceWords.Notice(warning)}\n");
        html.Write($"</ul><details><summary>All {manifest.Warnings.Length} warnings</summary><ul>\n");
        foreach (var warning in manifest.Warnings)
            html.Write($"<li>{TraceWords.Notice(warning)}\n");
        html.Write($"</ul></details></div>\n");
    }

    static void WriteTools(HtmlWriter html) => html
        .Write($"""
            <div class="tools" role="group" aria-label="View">
            <nav class="choice" aria-label="Parts"><a href="#roles">Roles</a> <a href="#plane">Plot</a>
            <a href="#ranks">Ranks</a> <a href="#card">Card</a> <a href="#effects">Effects</a>
            <a href="#definitions">Definitions</a></nav>
            <span class="choice"><label>Find heads
            <input id="q" type="search" size="12" autocomplete="off" spellcheck="false"></label>
            <span id="hits" class="muted" role="status"></span></span>

            """)
        .Include(Page.WriteToolsEnd)
        .Write($"</div>\n");

    void WriteScores(HtmlWriter html)
    {
        html.Write($"""
            <section class="card scores" aria-label="Scores of all heads"><div class="head"><h2>Scores</h2>

            """);
        WritePicker(html, "score", "Score", []);
        html.Write($"""
            </div><div class="pickers">

            """);
        Page.WriteChoice(html, "Number", "measure", Measures, isNamed: false);
        Page.WriteChoice(html, "Scale", "scale", [("linear", "Linear"), ("root", "√")], isNamed: false);
        html.Write($"""
            </div><div id="grid"></div>
            <p class="legend"><span id="legend"></span>

            """);
        html.Include(part => HeatMarkup.WriteLegend(part, "unsigned", false))
            .Include(part => HeatMarkup.WriteLegend(part, "signed", true))
            .Write($"<span>╱╱ not measured</span></p><p class=\"meaning\" id=\"meaning\"></p></section>\n");
    }

    void WriteRail(HtmlWriter html) => html
        .Write($"""
            <aside>
            <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>

            """)
        .Include(new AtlasMatrix(atlas, false).WriteRoles)
        .Write($"</aside>\n");

    void WritePlane(HtmlWriter html)
    {
        html.Write($"""
            <section class="card plane" id="plane" aria-label="Heads by two scores"><div class="head"><h2>Plot</h2>

            """);
        WritePicker(html, "x", "Across", []);
        WritePicker(html, "y", "Up", []);
        WritePicker(html, "colour", "Colour", [("role", "Role"), ("layer", "Layer")]);
        Page.WriteChoice(html, "Number of the plot", "plane", Measures[..2], isNamed: false);
        html.Write($"""
            </div><svg id="dots" role="group" aria-label="Heads. Arrow keys move, Enter selects."></svg>
            <p class="legend" id="dots-legend"></p></section>

            """);
    }

    void WriteRanks(HtmlWriter html)
    {
        html.Write($"""
            <section class="card ranks" id="ranks" aria-label="Heads in order"><div class="head"><h2>Ranks</h2>

            """);
        WritePicker(html, "ranked", "Score", []);
        html.Write($"""<label>Layer <select id="layer"><option value="">all""");
        for (var layer = 0; layer < atlas.Manifest.LayerCount; layer++)
            html.Write($"""<option value="{layer}">{layer}""");
        html.Write($"""</select></label> <label>Role <select id="role"><option value="">all""");
        foreach (var role in Enum.GetValues<HeadRole>())
            if (atlas.Heads.Any(head => head.Roles.Any(one => one.Role == role)))
                html.Write($"""<option value="{(int)role}">{AtlasWords.NameOf(role)}""");
        html.Write($"""
            </select></label><button id="export-ranks">CSV of this table</button></div>
            <div class="scroll"><table id="ranked-heads"><caption id="ranked-of"></caption>
            <thead><tr><th scope="col">Rank
            """);
        foreach (var (id, name) in new[]
        {
            ("head", "Head"), ("raw", "Raw"), ("excess", "Excess"), ("low", "Low"), ("high", "High"),
        })
            WriteColumn(html, id, name);
        html.Write($"<th scope=\"col\">Interval");
        foreach (var (id, name) in new[]
        {
            ("chance", "Chance"), ("noFirst", "Without first"), ("noSelf", "Without self"), ("count", "n"),
        })
            WriteColumn(html, id, name);
        html.Write($"""
            <th scope="col">Roles</thead><tbody id="rows"></tbody></table></div>
            <p class="more"><button id="more"></button></p></section>

            """);
    }

    static void WriteColumn(HtmlWriter html, string id, string name) =>
        html.Write($"""<th scope="col" data-column="{id}"><button data-order="{id}">{name}</button>""");

    void WritePicker(HtmlWriter html, string id, string name, (string Value, string Text)[] more)
    {
        html.Write($"""<label>{name} <select id="{id}">""");
        foreach (var (value, text) in more)
            html.Write($"""<option value="{value}">{text}""");
        foreach (var pass in atlas.Scores.GroupBy(score => score.Pass))
        {
            html.Write($"""<optgroup label="{AtlasWords.NameOf(pass.Key)}">""");
            foreach (var score in pass)
                html.Write($"""<option value="{score.Id}">{TraceWords.Name(score.Name)}""");
            html.Write($"</optgroup>");
        }

        html.Write($"</select></label>\n");
    }

    void WriteCard(HtmlWriter html)
    {
        html.Write($"""
            <section class="card one" id="card" aria-labelledby="card-title"><div class="head">
            <h2><span id="card-title"></span> <span id="card-roles"></span></h2>
            <label>Full card of <select id="jump"></select></label>

            """);
        if (options.AttentionPage is { } address)
            html.Write($"""<a id="open" href="{address}">Attention of this head</a>""");
        html.Write($"""
            <code id="command"></code></div>
            <div class="parts"><div class="part"><h3>Scores</h3>
            <div class="scroll"><table class="bundle" id="card-scores"></table></div></div>
            <div class="part"><h3 id="profile-title">Mean attention by distance</h3>
            <svg id="profile" role="img"></svg><p class="legend" id="biases" hidden></p>
            <div id="compare"></div><div id="feeders"></div><div id="causes"></div></div></div>
            <div id="deep"><div class="maps" id="maps"></div>
            <div class="part"><div class="head"><h3>Vectors</h3>

            """);
        Page.WriteChoice(html, "Colour of points", "paint", [("position", "Position"), ("kind", "Kind of token")]);
        html.Write($"""
            </div><div class="maps" id="vectors"></div><p class="legend" id="vectors-legend"></p></div>
            <div class="part"><div class="head"><h3>Examples</h3>
            <label>Tenth of activity <select id="example"></select></label>
            <span class="muted" id="example-says"></span></div>
            <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div>
            <p class="legend" id="example-keys"></p></div></div>
            <p class="legend" id="no-deep">No full card: maps, examples and vectors are kept of the strongest heads of
            each role.</p></section>

            """);
    }
}
