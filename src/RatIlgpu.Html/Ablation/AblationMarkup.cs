using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of a study: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class AblationMarkup(
    AblationReport report, Func<int, TokenText> tokens, AblationPageOptions options, string title)
{
    readonly ImmutableArray<(string What, string Meaning)> meanings =
        AblationWords.MeaningsOf(report.Options.Everywhere);

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = AblationWords.Facts(report, options),
            WithoutScript = "Matrices and lines need JavaScript; the table of conditions does not.",
            Table = "the table of conditions",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, meanings))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WriteGrid)
        .Include(WriteRail)
        .Include(WriteText)
        .Include(WritePositions)
        .Include(WriteAttention)
        .Include(new AblationTables(report, tokens).Write)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(
            part, meanings, [.. AblationWords.Keys, .. HeatMarkup.Keys]));

    /// <summary>Writes the text of a sample, and what chooses the sample.</summary>
    public static void WriteText(HtmlWriter html) => html.Write($"""
        <section class="card text"><div class="head"><h2>Text</h2>
        <label>Sample <select id="sample"></select></label><span class="muted" id="text-shade"></span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div></section>

        """);

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">
            <label class="prompt">Condition <select id="condition">
            """);
        foreach (var (i, effect) in report.Conditions.Index())
            html.Write($"""<option value="{i}">{effect.Condition.ShortName}""");
        html.Write($"</select></label>\n");
        Page.WriteChoice(
            html, "Colour", "measure",
            [("projection", "NIP"), ("cosine", "Cosine"), ("divergence", "KL"), ("changed", "Changed")]);
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    static void WriteGrid(HtmlWriter html) => html
        .Write($"""
            <section class="card grid" aria-label="Conditions">
            <div class="heat" id="grid"></div>
            <p class="legend"><span id="legend"></span>

            """)
        .Include(part => HeatMarkup.WriteLegend(part, "unsigned", false))
        .Include(part => HeatMarkup.WriteLegend(part, "signed", true))
        .Write($"""
            <span class="keys">Arrows move, Enter chooses a condition, ? helps.</span></p></section>

            """);

    static void WriteRail(HtmlWriter html) => html.Write($"""
        <aside>
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card plot"><div class="head"><h2>Through layers</h2></div>
        <svg id="through" role="img"></svg><p class="legend" id="through-lines"></p></section>
        </aside>

        """);

    void WritePositions(HtmlWriter html)
    {
        html.Write($"""
            <section class="card plot wide positions"><div class="head"><h2>By position</h2>
            <label>Layer <select id="layer"></select></label></div>
            <svg id="outputs" role="img"></svg><p class="legend" id="outputs-lines"></p>
            <svg id="divergences" role="img"></svg><p class="legend" id="divergences-lines"></p></section>
            <section class="card changes"><div class="head"><h2 id="changes-title">Changed predictions</h2></div>
            <div class="scroll"><table><thead><tr><th scope="col">After<th scope="col">Before
            <th scope="col">With the change<th scope="col">KL<tbody id="changes"></tbody></table></div></section>

            """);
    }

    void WriteAttention(HtmlWriter html)
    {
        html.Write($"""
            <section class="card attention" id="attention"><div class="head"><h2>Attention</h2>
            <label>Head <select id="head"></select></label><span class="muted" id="varied"></span></div>
            <p class="legend" id="no-attention"></p>
            <div class="three">

            """);
        foreach (var (id, name) in new[]
            { ("before", "Without the change"), ("after", "With it"), ("difference", "Difference") })
            html.Write($"""
                <div class="one"><h3>{name}</h3><div class="heat" id="{id}"></div></div>

                """);
        html.Write($"</div>\n<p class=\"legend\" id=\"scales\"><span>Attention, square-root scale</span>\n")
            .Include(part => HeatMarkup.WriteLegend(part, "attended", false))
            .Write($"<span>Difference, square-root scale</span>\n")
            .Include(part => HeatMarkup.WriteLegend(part, "differs", true))
            .Write($"""
                </p></section>
                <section class="card values" id="values"><div class="head"><h2>Lengths of values</h2>
                <span class="muted">without the change
                """)
            .Write($"{(report.Options.Everywhere ? "" : "; the changed position is framed")}")
            .Write($"""
                </span></div>
                <div class="heat" id="lengths"></div><p class="legend">
                """)
            .Include(part => HeatMarkup.WriteLegend(part, "length", false))
            .Write($"</p></section>\n");
    }
}
