namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of two traces: the parts that need no script, and the elements that the script
/// fills.</summary>
sealed class CompareMarkup(TraceComparison comparison, ComparePageOptions options)
{
    static readonly (string What, string Meaning)[] Meanings =
    [
        ("Diagrams", "Paths start at the target, at the right; each step goes to an earlier token that is attended to. "
            + "Bars and ribbons are as high as their share of path weight, to one scale in both."),
        ("Counterparts", "The two texts are laid side by side so that as many equal tokens as possible meet. Links and "
            + "paths correspond when their tokens do."),
        ("Difference", "Blue has more share in A, orange more in B; the stronger the shade, the larger the "
            + "difference. The scale follows the largest difference of the page; its steps are beside the texts, in "
            + "percentage points of share. Smaller differences have no colour."),
        ("Dashed box", "A token whose counterpart is another token, or that has none."),
        TraceWords.ShareMeaning,
        TraceWords.SignMeaning,
        ("Paths", "One colour for each path of a trace, by rank. After seven they repeat, dashed; after fourteen, "
            + "dotted."),
        ("Columns", "Hops counts the steps left to the target; Position is the order in the text."),
        ("Select", "A token, link or path lights the paths through it on both sides; once more lets it go."),
        ("Export", "SVG and PNG show both diagrams; JSON and CSV list every token, link and path with its shares."),
    ];

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

    readonly TraceResult a = comparison.A, b = comparison.B;

    public void Write(HtmlWriter html) => html
        .Write($"""
            <a class="skip" href="#table">Skip to the table of links</a>
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
        .Include(part => WriteDiagram(part, "a", options.NameA, comparison.WholeA))
        .Include(part => WriteDiagram(part, "b", options.NameB, comparison.WholeB))
        .Write($"</div>\n")
        .Include(WriteRail)
        .Include(WriteText)
        .Include(new CompareTables(comparison).Write)
        .Write($"""
            </main>

            """)
        .Include(part => Page.WriteOrigin(part, "A", TraceWords.Origin(comparison.WholeA)))
        .Include(part => Page.WriteOrigin(part, "B", TraceWords.Origin(comparison.WholeB)))
        .Include(part => Page.WriteEnd(part, Meanings, Keys));

    void WriteFacts(HtmlWriter html)
    {
        var left = TraceWords.Facts(comparison.WholeA, comparison.WholeB).ToDictionary();
        var right = TraceWords.Facts(comparison.WholeB, comparison.WholeA).ToDictionary();
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
                <p class="notice" id="equal">Both traces are equal: there is no difference to show.</p>

                """);
        if (a.Options.Weights != b.Options.Weights)
            html.Write($"""
                <p class="notice">The links of A and B have different weights: shares can be compared, scores
                cannot.</p>

                """);
        foreach (var notice in a.Notices.Union(b.Notices))
        {
            var whose = !b.Notices.Contains(notice) ? "A" : a.Notices.Contains(notice) ? "A and B" : "B";
            html.Write($"<p class=\"notice\">{whose}: {TraceWords.Notice(notice)}</p>\n");
        }
    }

    static void WriteTools(HtmlWriter html) => html.Write($"""
        <div class="tools" role="group" aria-label="View">
        <span class="choice" role="group" aria-label="Colour"><span>Colour</span><span class="segments">
        <button data-set="colour" value="difference">Difference</button>
        <button data-set="colour" value="path">Paths</button></span></span>
        <span class="choice" role="group" aria-label="Columns"><span>Columns</span><span class="segments">
        <button data-set="cols" value="hops">Hops</button>
        <button data-set="cols" value="position">Position</button></span></span>
        <span class="segments" role="group" aria-label="Zoom"><button id="zoom-out" aria-label="Zoom out">−</button>
        <button id="zoom-in" aria-label="Zoom in">+</button><button id="zoom-fit">Fit</button></span>
        """).Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");

    static void WriteDiagram(HtmlWriter html, string side, string name, TraceResult trace)
    {
        var letter = side.ToUpperInvariant();
        var label = $"{letter}: {trace.Paths.Length} {TraceWords.PathsOf(trace)} into position {trace.TargetPosition}. "
            + "Arrow keys move between tokens, Enter selects.";
        html.Write($"""
            <section class="card diagram" data-side="{side}" aria-label="Path diagram of {letter}">
            <div class="head"><h2><b class="side">{letter}</b> <bdi>{TraceWords.Name(name)}</bdi></h2></div>
            <div class="canvas" id="canvas-{side}"><svg id="flow-{side}" role="group" aria-label="{label}">
            <g class="edges" aria-hidden="true"></g><g class="links" aria-hidden="true"></g><g class="nodes"></g></svg>
            </div>

            """);
        if (TraceWords.WhyEmpty(trace) is { } reason)
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
            <p class="legend">Bars and ribbons are as high as their share of path weight, to one scale in both
            diagrams. Read from right to left: the target attends to the tokens on its left. <span class="keys">Arrows
            move, Enter selects, ? helps.</span></p>
            </section>

            """);
    }
}
