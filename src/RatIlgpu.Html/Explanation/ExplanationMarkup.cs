using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of explanations: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class ExplanationMarkup(ExplanationViews views, ExplanationPageOptions options, string title)
{
    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into the matrix, the parts or the text"),
        (["←", "→", "↑", "↓"], "to the next pair, part or token"),
        (["Enter", "Space"], "keep it, or let it go"),
        (["Esc"], "keep nothing"),
        (["[", "]"], "previous or next part of the key"),
        (["/"], "find a token; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    ScoreAttribution Opening => views.Opening;

    bool HasGroups => views.Links.Select(GroupOf).Distinct().Count() > 1;

    bool HasKeys => views.Links.GroupBy(GroupOf).Any(group => group.Count() > 1);

    IEnumerable<(string What, string Meaning)> Meanings
    {
        get
        {
            yield return ("Parts", "What the stream before the layer of the head is a sum of: the embedding of the "
                + "token (embed), every earlier head (L1H0) and every earlier MLP (0_mlp_out); bias is that of the "
                + "query or of the key. The scales of the norms are those of the run.");
            yield return ("Matrix", "What each pair of a part of the query (row) and a part of the key (column) adds "
                + "to the score before the softmax: blue adds, orange takes away. All pairs sum to what the reading "
                + "explains.");
            yield return ("Bars", "The sums of columns, which are the parts of the key, and of rows, which are those "
                + "of the query. Bars of one list have one scale.");
            yield return ("Attention without it", "The attention to this key if this part of the key were taken away, "
                + "at this key alone; with the scales of the norms of the run.");
            foreach (var reading in views.Readings)
                yield return (ExplanationWords.Shown(reading), MeaningOf(reading));
            yield return ("Position alone", "What the biases and the mean of all token embeddings add: it depends on "
                + "positions, and hardly on tokens.");
            yield return ("Rounding", "What the pairs miss of the score: what float32 loses, and what interventions "
                + "change between a part and the score.");
            if (views.Links.Any(link => link.Verification is not null))
                yield return ("Measured", "The model runs again with one part taken out of what this head alone reads, "
                    + "once with the scales of the norms held, once with those of the stream that is left.");
            yield return ("Text", "A shade is the attention of the query to the token, on a square-root scale. The "
                + "query is framed, the key underlined, and other explained keys are underlined with dots: click one "
                + "to see it.");
            yield return TraceWords.SignMeaning;
            yield return ("Keep", "A click keeps a pair, a part or a token; once more lets it go.");
        }
    }

    static string MeaningOf(ScoreReading reading) => reading switch
    {
        ScoreReading.Here => "The pairs themselves, which sum to the score. Taking a part of the key away, at this key "
            + "alone, lowers the log odds of its attention by exactly its bar.",
        ScoreReading.Others => "Each pair less its mean over the other keys that the query sees. What a part adds to "
            + "every key alike counts 0: it shows what a part does when it is taken away at all keys.",
        ScoreReading.Foil => "Each pair less that of another key: they sum to the logarithm of how many times more "
            + "attention the key has.",
        _ => "Each pair less its mean over all keys by attention: the derivative of the logarithm of the attention by "
            + "the strength of the pair at all keys. It vanishes where attention is saturated.",
    };

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = ExplanationWords.Facts(Opening, views, options),
            Emphasis = ExplanationWords.Explains,
            Notices = [.. options.Notices.Select(TraceWords.Notice), .. ExplanationWords.Notices(Opening)],
            WithoutScript = "The matrix, the bars and the controls need JavaScript; the table of parts does not.",
            Table = "the table of parts",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, Meanings))
        .Include(WriteTools)
        .Write($"""
            <main>

            """)
        .Include(WritePairs)
        .Include(part => WriteBars(part, "key", "Parts of the key"))
        .Include(part => WriteBars(part, "query", "Parts of the query"))
        .Include(WriteText)
        .Include(new ExplanationTables(views).Write)
        .Write($"""
            </main>

            """)
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, Meanings, [.. Keys, .. MoreKeys(), .. HeatMarkup.Keys]));

    IEnumerable<(string[] Keys, string Action)> MoreKeys()
    {
        if (views.Readings.Length > 1)
            yield return ([",", "."], "previous or next reading");
        if (HasKeys)
            yield return (["(", ")"], "previous or next key");
        if (HasGroups)
            yield return (["{", "}"], "previous or next query or prompt");
    }

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">

            """);
        if (HasGroups)
            html.Write($"""
                <label class="query">Query <select id="query"></select></label>

                """);
        if (HasKeys)
            html.Write($"""
                <label class="key">Key <select id="key"></select></label>

                """);
        if (views.Readings.Length > 1)
            Page.WriteChoice(html, "Reading", "reading", views.Readings.Select(reading =>
                (ExplanationWords.Name(reading), ExplanationWords.Shown(reading))));
        Page.WriteChoice(html, "Order", "order", [("size", "Size"), ("model", "Model")]);
        html.Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WritePairs(HtmlWriter html)
    {
        html.Write($"""
            <section class="card pairs" aria-label="Pairs"><div class="head"><h2>What pairs of parts add</h2>

            """);
        HeatMarkup.WriteLegend(html, "domain", isSigned: true);
        html.Write($"""
            </div>
            <div id="heat"></div>
            <p class="legend" id="balance">{ExplanationWords.Balance(Opening)}</p></section>

            """);
    }

    static void WriteBars(HtmlWriter html, string side, string heading) => html.Write($"""
        <section class="card side" aria-label="{heading}"><div class="head"><h2>{heading}</h2>
        <span class="muted" id="{side}-columns"></span></div>
        <ol id="{side}-bars" class="bars"></ol></section>

        """);

    void WriteText(HtmlWriter html) => html.Write($"""
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card strip"><div class="head"><h2>Text</h2>
        <span class="muted" id="shaded">attention of the query</span></div>
        <div class="tokens" id="toks" role="group" aria-label="Tokens. Arrow keys move, Enter selects."></div>
        <p class="legend">The whole pattern of the head is on the page of
        <code dir="ltr" id="attention-command">ratilgpu attention --heads {Opening.Head.ToString()}</code>, with the
        same prompt and model: open <code dir="ltr" id="attention-state">attention.html{views.Links[0].AttentionAddress}
        """).Write($"""
        </code> to see this query there.</p></section>

        """);

    static (int, HeadIndex, int) GroupOf(ExplainedLink link) =>
        (link.Prompt.Number, link.First.Head, link.First.Query);
}
