namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of attention: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class AttentionMarkup(AttentionPlan plan, AttentionPageOptions options, string title)
{
    // In characters. A cell of the table stays on one line.
    const int LongestInTable = 24;

    // More rows would be a large part of the page.
    const int MostRows = 1_000;

    /// <summary>Gets the scripts of the page, in the order in which they run.</summary>
    public static ImmutableArray<string> Scripts =>
    [
        "strip.js", "heat.js", "heat-file.js", "export.js", "attention-data.js", "attention-state.js",
        "attention-heads.js", "attention-view.js", "attention-export.js", "attention.js",
    ];

    /// <summary>Gets the styles of the page.</summary>
    public static ImmutableArray<string> Styles => ["parts.css", "heat.css", "attention.css"];

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = AttentionWords.Facts(plan),
            WithoutScript = "The matrices need JavaScript; the table of heads does not.",
            Table = "the table of heads",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, AttentionWords.Meanings(plan)))
        .Include(WriteTools)
        .Write($"<main>\n")
        .Include(WriteLines)
        .Include(WriteHeads)
        .Include(WriteMatrix)
        .Include(WriteNumbers)
        .Include(WriteText)
        .Include(WriteTable)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(
            part, AttentionWords.Meanings(plan), [.. AttentionWords.Keys(plan), .. HeatMarkup.Keys]));

    void WriteTools(HtmlWriter html)
    {
        html.Write($"<div class=\"tools\" role=\"group\" aria-label=\"View\">\n");
        WritePicker(html);
        (string, string)[] modes = [("small", "Small"), ("large", "Large"), ("lines", "Lines")];
        Page.WriteChoice(html, "Mode", "mode", modes.Take(plan.Vectors is null ? 2 : 3));
        if (plan.Weights.Length > 1)
            Page.WriteChoice(
                html, "Weights", "weights", plan.Weights.Select(one => (AttentionPlan.NameOf(one), one.ToString())));
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WritePicker(HtmlWriter html)
    {
        if (plan.Prompts.Length == 1)
            return;
        var isRadio = options.Picker == PromptPicker.Radio;
        html.Write($"<span class=\"choice prompts\" role=\"group\" aria-label=\"Prompt\"><span>Prompt</span>\n");
        if (!isRadio)
            html.Write($"<select name=\"prompt\" aria-label=\"Prompt\">");
        foreach (var (i, prompt) in plan.Prompts.Index())
            if (isRadio)
                html.Write($"<label><input type=\"radio\" name=\"prompt\" value=\"{i}\">")
                    .Write($"<bdi>{AttentionWords.Label(prompt)}</bdi></label>\n");
            else
                html.Write($"<option value=\"{i}\">{i}: {AttentionWords.Label(prompt)}");
        html.Write($"{(isRadio ? "" : "\n")}").WriteRaw(isRadio ? "</span>\n" : "</select></span>\n");
    }

    void WriteLines(HtmlWriter html)
    {
        if (plan.Vectors is not null)
            LinesMarkup.Write(html);
    }

    void WriteHeads(HtmlWriter html)
    {
        html.Write($"<section class=\"card pane heads\" aria-label=\"Heads\"><div class=\"head\"><h2>Heads</h2>\n");
        if (AttentionWords.HasLayers(plan))
        {
            html.Write($"<label class=\"choice\">Layer <select name=\"layer\"><option value=\"\">All\n");
            foreach (var layer in plan.Heads.Select(head => head.Index?.Layer).Distinct().Order())
                if (layer is { } number)
                    html.Write($"<option value=\"{number}\">{number}\n");
            html.Write($"</select></label>\n");
        }

        html.Write($"""
            </div><div id="heads" role="group" aria-label="Heads. Arrow keys move, Enter locks."></div></section>

            """);
    }

    void WriteMatrix(HtmlWriter html)
    {
        html.Write($"""
            <section class="card pane matrix" aria-label="Matrix"><div class="head"><h2 id="shown"></h2>

            """);
        if (plan.Reductions.Length > 1)
            Page.WriteChoice(
                html, "No head", "summary", plan.Reductions.Select(one => (one, AttentionWords.NameOf(one))));
        html.Write($"""
            <button id="copy" title="Copy the matrix as CSV">Copy</button></div>
            <div id="matrix"></div><div class="foot">

            """).Include(part => HeatMarkup.WriteLegend(part, "shade", isSigned: false));
        Page.WriteChoice(html, "Scale", "scale", [("root", "Square root"), ("linear", "Linear")]);
        html.Write($"<span id=\"tier\" class=\"muted\"></span></div></section>\n");
    }

    static void WriteNumbers(HtmlWriter html) => html.Write($"""
        <aside>
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card list"><div class="head"><h2 id="list-title"></h2></div>
        <table aria-labelledby="list-title"><thead><tr><th scope="col">Token<th scope="col">At<th scope="col">Attention
        <th scope="col" id="list-head">Head<tbody id="list"></table>
        <p class="muted" id="list-empty">Point at a token or a cell: its 16 strongest stand here.</p></section>
        </aside>

        """);

    static void WriteText(HtmlWriter html)
    {
        html.Write($"""
            <section class="card text"><div class="head"><h2>Text</h2><span id="text-shows" class="muted"></span>

            """);
        Page.WriteChoice(html, "Focused token is", "direction", [("query", "Query"), ("key", "Key")]);
        html.Write($"""
            </div><div class="tokens" id="toks" role="group"></div></section>

            """);
    }

    void WriteTable(HtmlWriter html)
    {
        var shown = plan.Heads.Length * plan.Prompts.Length <= MostRows ? plan.Prompts : plan.Prompts[..1];
        var whose = shown.Length < plan.Prompts.Length ? " of the first prompt" : "";
        html.Write($"""
            <details class="card table" id="table">
            <summary>All heads{whose} as a table ({shown.Length * plan.Heads.Length})</summary>
            <div class="scroll"><table><caption>Mean attention of the queries behind the first token to three kinds of
            keys, and the strongest attention to a key that is not the first</caption>
            <thead><tr><th scope="col">Head<th scope="col">Prompt<th scope="col">To itself<th scope="col">To the token
            before<th scope="col">To the first<th scope="col">Strongest query<th scope="col">and key
            <th scope="col">Attention
            <tbody>

            """);
        foreach (var (i, prompt) in shown.Index())
            for (var head = 0; head < plan.Heads.Length; head++)
                WriteRow(html, i, head, prompt, prompt.Facts[head]);
        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteRow(HtmlWriter html, int number, int head, PlannedPrompt prompt, HeadFacts facts)
    {
        html.Write($"""<tr><td><button data-row="{number},{head}">{plan.Heads[head].Name}</button><td>{number}""");
        foreach (var mean in (double[])[facts.ToItself, facts.ToPrevious, facts.ToFirst])
            html.Write($"<td>{(double.IsNaN(mean) ? "" : mean.ToString("F3", CultureInfo.InvariantCulture))}");
        if (facts.Query < 0)
            html.Write($"<td><td><td>\n");
        else
            html.Write($"<td><bdi>{Token(facts.Query)}</bdi> {facts.Query}")
                .Write($"<td><bdi>{Token(facts.Key)}</bdi> {facts.Key}<td>{facts.Attention:F5}\n");

        string Token(int position) => TokenGlyphs.Show(prompt.Tokens[position], LongestInTable);
    }
}
