using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of two checkpoints: the parts that need no script, and the elements that the
/// script fills.</summary>
sealed class DiffMarkup(
    CheckpointDiff diff, ImmutableArray<DiffMeasure> measures, DiffPageOptions options, string title)
{
    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = DiffWords.Facts(diff),
            Notices =
            [
                .. diff.AreEqual ? ["All weights are equal: every change is 0."] : (string[])[],
                .. diff.Warnings.Select(TraceWords.Notice),
            ],
            WithoutScript = "The changes of all weights and the predictions that changed are there without JavaScript; "
                + "the matrices, the list of heads and the texts need it.",
            Table = "the table of weights",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, DiffWords.Meanings))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WriteHeads)
        .Include(WriteRail)
        .Include(WriteWeights)
        .Include(WriteRanks)
        .Include(WriteTexts)
        .Include(new DiffTables(diff).Write)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, DiffWords.Meanings, [.. DiffWords.Keys, .. HeatMarkup.Keys]));

    static void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">

            """);
        Page.WriteChoice(html, "Scale", "scale", [("linear", "Linear"), ("root", "√")]);
        html.Write($"""
            <span class="choice"><label>Find heads
            <input id="q" type="search" size="12" autocomplete="off" spellcheck="false"></label>
            <span id="hits" class="muted" role="status"></span></span>

            """);
        html.Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WriteHeads(HtmlWriter html)
    {
        html.Write($"""
            <section class="card heads" aria-label="Change of all heads"><div class="head"><h2>Heads</h2>
            <label>Number <select id="measure">
            """);
        foreach (var group in measures.GroupBy(measure => measure.Group))
        {
            html.Write($"""<optgroup label="{group.Key}">""");
            foreach (var measure in group)
                html.Write($"""<option value="{measure.Id}">{measure.Name}""");
            html.Write($"</optgroup>");
        }

        html.Write($"""
            </select></label></div><div id="grid"></div>
            <p class="legend"><span id="legend"></span>

            """);
        html.Include(part => HeatMarkup.WriteLegend(part, "unsigned", false))
            .Include(part => HeatMarkup.WriteLegend(part, "signed", true))
            .Write($"<span>╱╱ no number</span></p><p class=\"meaning\" id=\"meaning\"></p></section>\n");
    }

    void WriteRail(HtmlWriter html)
    {
        html.Write($"""
            <aside><section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>

            """);
        if (diff.Scores is { Roles.IsEmpty: false } scores)
        {
            html.Write($"<section class=\"card by-role\" aria-label=\"Roles\"><h2>Roles</h2><dl>");
            foreach (var (isGained, name) in new[] { (false, "Lost in B"), (true, "Gained in B") })
                WriteRoles(html, name, [.. scores.Roles.Where(role => role.IsGained == isGained)]);
            html.Write($"</dl></section>\n");
        }

        html.Write($"</aside>\n");
    }

    static void WriteRoles(HtmlWriter html, string name, ImmutableArray<RoleChange> roles)
    {
        if (roles.IsEmpty)
            return;
        html.Write($"<dt>{name}<dd>");
        foreach (var role in roles)
            html.Write($"<button data-n=\"{role.Head.Layer}.{role.Head.Head}\">{role.Head.ToString()} ")
                .Write($"{AtlasWords.NameOf(role.Label.Role)}</button>\n");
    }

    static void WriteWeights(HtmlWriter html) => html
        .Write($"""
            <section class="card weights" aria-label="Change of all weights"><div class="head"><h2>Weights</h2></div>
            <div id="matrix"></div><p class="legend"><span>‖B − A‖ / ‖A‖, cells in %</span>

            """)
        .Include(part => HeatMarkup.WriteLegend(part, "weights", false))
        .Write($"</p></section>\n");

    static void WriteRanks(HtmlWriter html) => html.Write($"""
        <section class="card ranks" aria-label="Heads in order"><div class="head"><h2>Most changed heads</h2></div>
        <div class="scroll"><table><caption id="ranked-of"></caption><thead id="columns"></thead>
        <tbody id="rows"></tbody></table></div><p class="more"><button id="more"></button></p></section>

        """);

    void WriteTexts(HtmlWriter html)
    {
        if (diff.Texts is not { Texts.IsEmpty: false, MeanKl: not null } texts)
            return;
        html.Write($"""
            <section class="card text" aria-label="Texts"><div class="head">
            <h2>Text: KL(A ‖ B) of the next token</h2><label>Text <select id="text">
            """);
        foreach (var (number, text) in texts.Texts.Index())
            html.Write($"""<option value="{number}">{TraceWords.Name(text.Name)}""");
        html.Write($"""
            </select></label></div>
            <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div>
            <p class="legend"><span>Shade: square root of the divergence after the token</span>

            """);
        html.Include(part => HeatMarkup.WriteLegend(part, "kl", false))
            .Write($"<span>Underlined: the likeliest next token changed</span></p></section>\n");
    }
}
