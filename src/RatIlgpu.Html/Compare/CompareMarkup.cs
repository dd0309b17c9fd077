namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of two traces or flows: the parts that need no script, and the elements that the
/// script fills.</summary>
sealed class CompareMarkup(Comparison comparison, ComparePageOptions options)
{
    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into a diagram or a text"),
        (["←", "→", "↑", "↓"], "to the next token"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["/"], "find a token"),
        (["0", "+", "−"], "fit, enlarge, reduce; or Ctrl and the wheel"),
        (["?"], "this help"),
    ];

    readonly ComparedSide a = comparison.SideA, b = comparison.SideB;
    readonly CompareWords words = comparison.Words;

    public void Write(HtmlWriter html) => html
        .Write($"""
            <a class="skip" href="#table">Skip to the table of {words.Link.ToLowerInvariant()}s</a>
            <header>
            <h1>{options.Title}</h1>

            """)
        .Include(WriteFacts)
        .Write($"</header>\n")
        .Include(WriteNotices)
        .Include(WriteTools)
        .Write($"""
            <main>
            <div class="flows">

            """)
        .Include(part => WriteDiagram(part, "a", options.NameA, a))
        .Include(part => WriteDiagram(part, "b", options.NameB, b))
        .Write($"</div>\n")
        .Include(WriteRail)
        .Include(WriteText)
        .Include(new CompareTables(comparison).Write)
        .Write($"""
            </main>

            """)
        .Include(part => Page.WriteOrigin(part, "A", a.Origin))
        .Include(part => Page.WriteOrigin(part, "B", b.Origin))
        .Include(part => Page.WriteEnd(part, words.Meanings, Keys));

    void WriteFacts(HtmlWriter html)
    {
        var (left, right) = (a.Facts.ToDictionary(), b.Facts.ToDictionary());
        html.Write($"""<dl class="facts">""");
        foreach (var name in left.Keys.Union(right.Keys))
        {
            var (ofA, ofB) = (left.GetValueOrDefault(name, "none"), right.GetValueOrDefault(name, "none"));
            if (ofA == ofB)
                html.Write($"<div><dt>{name}</dt><dd><bdi>{ofA}</bdi></dd></div>");
            else
                html.Write($"""
                    <div class="differs"><dt>{name} differs:</dt><dd><b>A</b> <bdi>{ofA}</bdi> · <b>B</b>
                    <bdi>{ofB}</bdi></dd></div>
                    """);
        }

        html.Write($"</dl>\n");
    }

    void WriteNotices(HtmlWriter html)
    {
        html.Write($"""
            <noscript><p class="notice">The diagrams need JavaScript; the tables do not.</p></noscript>

            """);
        if (comparison.AreEqual)
            html.Write($"""
                <p class="notice" id="equal">Both {words.Both} are equal: there is no difference to show.</p>

                """);
        if (comparison.Caution is { } caution)
            html.Write($"<p class=\"notice\">{caution}</p>\n");
        if (comparison.WhyNoParts is { } why)
            html.Write($"<p class=\"notice\">{why}</p>\n");
        foreach (var notice in a.Notices.Union(b.Notices))
        {
            var whose = !b.Notices.Contains(notice) ? "A" : a.Notices.Contains(notice) ? "A and B" : "B";
            html.Write($"<p class=\"notice\">{whose}: {TraceWords.Notice(notice)}</p>\n");
        }
    }

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""<div class="tools" role="group" aria-label="View">""").Write($"\n");
        Page.WriteChoice(html, "Colour", "colour", [("difference", "Difference"), ("path", "Paths")]);
        if (words.HasColumns)
            Page.WriteChoice(html, "Columns", "cols", [("hops", "Hops"), ("position", "Position")]);
        html.Include(part => Page.WriteZoom(part, "segments")).Include(Page.WriteFind).Include(Page.WriteToolsEnd)
            .Write($"</div>\n");
    }

    void WriteDiagram(HtmlWriter html, string side, string name, ComparedSide shown)
    {
        var letter = side.ToUpperInvariant();
        var label = $"{letter}: {shown.Diagram}. Arrow keys move between {words.Stops}, Enter selects.";
        html.Write($"""
            <section class="card diagram" data-side="{side}" aria-label="Path diagram of {letter}">
            <div class="head"><h2><b class="side">{letter}</b> <bdi>{TraceWords.Name(name)}</bdi></h2></div>
            <div class="canvas" id="canvas-{side}"><svg id="flow-{side}" role="group" aria-label="{label}">
            <g class="guides" aria-hidden="true"></g><g class="edges" aria-hidden="true"></g>
            <g class="links" aria-hidden="true"></g><g class="nodes"></g><g class="names" aria-hidden="true"></g></svg>
            </div>

            """);
        if (shown.WhyEmpty is { } reason)
            html.Write($"<p class=\"empty\">{reason}</p>\n");
        html.Write($"</section>\n");
    }

    void WriteRail(HtmlWriter html) => html.Write($"""
        <aside>
        <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>
        <section class="card paths"><div class="head"><h2>Tokens by difference of share</h2></div>
        <div class="rows">
        """).Include(new CompareTables(comparison).WriteTokens).Write($"""
        </div></section>
        </aside>

        """);

    void WriteText(HtmlWriter html)
    {
        html.Write($"""
            <section class="card text"><div class="head"><h2>Texts</h2><span class="muted scale">Difference of share:
            more in A <span class="ramp" aria-hidden="true"><i data-d="a4"></i><i data-d="a3"></i><i data-d="a2"></i>
            <i data-d="a1"></i><i></i><i data-d="b1"></i><i data-d="b2"></i><i data-d="b3"></i>
            <i data-d="b4"></i></span> more in B; steps at {comparison.Scale.ToString()}.
            <span class="box">Dashed box</span>: another token than in the other text, or none
            there.</span></div>

            """);
        foreach (var side in (string[])["a", "b"])
            html.Write($"""
                <div class="strip"><b class="side">{side.ToUpperInvariant()}</b><div class="tokens" id="toks-{side}"
                role="group" aria-label="Tokens of {side.ToUpperInvariant()}. Arrow keys move, Enter selects."></div>
                </div>

                """);
        html.Write($"""
            <p class="legend">{string.Join(' ', words.Widths)}
            {string.Join(' ', words.Reading)} <span class="keys">Arrows move, Enter selects, ?
            helps.</span></p>
            </section>

            """);
    }
}
