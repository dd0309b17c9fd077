namespace RatIlgpu.Html;

/// <summary>The document around every page: one file, whose content security policy allows only its own script
/// and style.</summary>
sealed class Page
{
    static readonly string BaseStyle = Asset.Dense(Palette.Css) + Asset.Join("base.css");
    static readonly string BaseScript = Asset.Join("core.js");

    /// <summary>Gets the kind of page, such as <c>trace</c>.</summary>
    public required string Kind { get; init; }

    public required string Title { get; init; }

    public required PageTheme Theme { get; init; }

    /// <summary>Gets the scripts that follow <c>core.js</c>, in the order in which they run.</summary>
    public required ImmutableArray<string> Scripts { get; init; }

    /// <summary>Gets CSS rules for colours beyond those of every page.</summary>
    public string Colours { get; init; } = "";

    /// <summary>Gets the styles that follow <c>base.css</c>.</summary>
    public required ImmutableArray<string> Styles { get; init; }

    /// <summary>Gets the blocks of data; the script finds each by its identifier.</summary>
    public required ImmutableArray<DataBlock> Data { get; init; }

    /// <summary>Gets the function that writes the content of the body.</summary>
    public required Action<HtmlWriter> Body { get; init; }

    public HtmlPage ToHtml()
    {
        var script = BaseScript + Asset.Join(Scripts.AsSpan());
        var style = BaseStyle + Asset.Dense(Colours) + Asset.Join(Styles.AsSpan());
        var html = new HtmlWriter();
        html.Write($"""
            <!doctype html>
            <html lang="en" data-page="{Kind}" data-theme="{Theme.ToString().ToLowerInvariant()}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="
            """);
        // Base64 needs no escaping here, and the encoder would turn each "+" into a reference.
        html.WriteRaw($"default-src 'none'; script-src {Asset.PolicyHash(script)}; "
            + $"style-src {Asset.PolicyHash(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'");
        html.Write($"""
            ">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Title}</title>
            <style>
            """).WriteRaw(style).Write($"""
            </style>
            </head>
            <body>

            """).Include(Body);
        return new(
        [
            html.ToString(),
            .. Data.SelectMany(block => block.Parts),
            $"<script type=\"module\">{script}</script>\n</body>\n</html>\n",
        ]);
    }

    /// <summary>Writes what stands above the controls of a page: the title, the facts, and the notices.</summary>
    public static void WriteHead(HtmlWriter html, PageHead head)
    {
        html.Write($"""
            <a class="skip" href="#table">Skip to {head.Table}</a>
            <header>
            <h1>{head.Title}</h1>
            <dl class="facts" id="facts">
            """);
        foreach (var (name, value) in head.Facts)
        {
            html.Write($"<div");
            if (name == head.Emphasis)
                html.Write($" class=\"predicts\"");
            // A name that is written from right to left must not reorder the text beside it.
            if (name == "Model")
                html.Write($"><dt>{name}<dd><bdi>{value}</bdi></div>");
            else
                html.Write($"><dt>{name}<dd>{value}</div>");
        }

        html.Write($"""
            </dl>
            </header>
            <noscript><p class="notice">{head.WithoutScript}</p></noscript>
            <div id="notices">
            """);
        foreach (var notice in head.Notices)
            html.Write($"<p class=\"notice\">{notice}</p>\n");
        html.Write($"</div>\n");
    }

    /// <summary>Writes the field that finds tokens. The count beside it has room of its own, so that nothing
    /// moves.</summary>
    public static void WriteFind(HtmlWriter html) => html.Write($"""
        <span class="choice"><label>Find token
        <input id="q" type="search" size="12" autocomplete="off" spellcheck="false"></label>
        <span id="hits" class="muted" role="status"></span></span>

        """);

    /// <summary>Writes the buttons that enlarge and reduce diagrams.</summary>
    /// <param name="html">The page.</param>
    /// <param name="look">The class of the group: <c>segments</c> in a toolbar, <c>zoom</c> over the diagram.</param>
    public static void WriteZoom(HtmlWriter html, string look) => html.Write($"""
        <span class="{look}" role="group" aria-label="Zoom"><button id="zoom-out" aria-label="Zoom out">−</button>
        <button id="zoom-in" aria-label="Zoom in">+</button><button id="zoom-fit">Fit</button></span>

        """);

    /// <summary>Writes buttons of which one is on: each gives a member of the state of the page its value.</summary>
    /// <param name="html">The page.</param>
    /// <param name="name">What is chosen.</param>
    /// <param name="member">The member of the state.</param>
    /// <param name="choices">The values, and what the reader sees of them.</param>
    /// <param name="isNamed">Whether the name stands before the buttons.</param>
    public static void WriteChoice(
        HtmlWriter html,
        string name,
        string member,
        IEnumerable<(string Value, string Text)> choices,
        bool isNamed = true)
    {
        html.Write($"<span class=\"choice\" role=\"group\" aria-label=\"{name}\">");
        if (isNamed)
            html.Write($"<span>{name}</span>");
        html.Write($"<span class=\"segments\">\n");
        foreach (var (value, text) in choices)
            html.Write($"<button data-set=\"{member}\" value=\"{value}\">{text}</button>\n");
        html.Write($"</span></span>\n");
    }

    /// <summary>Writes the controls that all pages have at the end of their toolbar.</summary>
    public static void WriteToolsEnd(HtmlWriter html) => WriteToolsEnd(html, hasPicture: true);

    /// <summary>Writes the controls that all pages have at the end of their toolbar; a page of tables alone has no
    /// picture to export.</summary>
    public static void WriteToolsEnd(HtmlWriter html, bool hasPicture)
    {
        html.Write($"""
            <span class="space"></span>
            <label>Theme <select id="theme"><option value="auto">Auto<option value="light">Light
            <option value="dark">Dark</select></label>
            <span class="choice" role="group" aria-label="Export"><span>Export</span><span class="segments">

            """);
        if (hasPicture)
            html.Write($"""<button id="export-svg">SVG</button><button id="export-png">PNG</button>""").Write($"\n");
        html.Write($"""
            <button id="export-json">JSON</button><button id="export-csv">CSV</button></span>
            <span id="said" class="muted" role="status"></span></span>
            <button id="help-open" aria-haspopup="dialog" title="Help (?)" aria-label="Help">?</button>

            """);
    }

    /// <summary>Writes the explanation that stands open at the top of a page whose maker asked for it.</summary>
    public static void WriteExplanation(
        HtmlWriter html, bool isAskedFor, IEnumerable<(string What, string Meaning)> meanings)
    {
        if (!isAskedFor)
            return;
        html.Write($"""<details class="card explain" open><summary>How to read this page</summary><dl>""");
        foreach (var (what, meaning) in meanings)
            html.Write($"<dt>{what}<dd>{meaning}");
        html.Write($"</dl></details>\n");
    }

    /// <summary>Writes what made a trace of the page, if that is known.</summary>
    /// <param name="html">The page.</param>
    /// <param name="whose">The trace, such as <c>A</c>; empty if there is one.</param>
    /// <param name="origin">The program and the command, which can be empty.</param>
    public static void WriteOrigin(HtmlWriter html, string whose, (string Program, string Command)? origin)
    {
        if (origin is not var (program, command))
            return;
        html.Write($"<footer>{(whose.Length > 0 ? whose + ": made" : "Made")} by <bdi>{program}</bdi>");
        if (command.Length > 0)
            html.Write($": <code dir=\"ltr\">{command}</code>");
        html.Write($"</footer>\n");
    }

    /// <summary>Writes what scripts show over a page: the tip beside the pointer, and the help, which says how to read
    /// the page and opens when the reader asks.</summary>
    public static void WriteEnd(
        HtmlWriter html,
        IEnumerable<(string What, string Meaning)> meanings,
        IEnumerable<(string[] Keys, string Action)> keys)
    {
        html.Write($"""
            <div class="tip" id="tip" role="tooltip"></div>
            <dialog id="help" closedby="any" aria-labelledby="help-title">
            <div class="head"><h2 id="help-title">How to read this page</h2>
            <button id="help-close">Close</button></div>
            <dl>
            """);
        // The elements dt and dd need no end tags.
        foreach (var (what, meaning) in meanings)
            html.Write($"<dt>{what}<dd>{meaning}");
        html.Write($"</dl>\n<h3>Keys</h3>\n<dl>");
        foreach (var (names, action) in keys)
        {
            html.Write($"<dt>");
            foreach (var name in names)
                html.Write($"<kbd>{name}</kbd> ");
            html.Write($"<dd>{action}");
        }

        html.Write($"</dl>\n</dialog>\n");
    }
}

/// <summary>What stands above the controls of a page.</summary>
sealed record PageHead
{
    public required string Title { get; init; }

    /// <summary>Gets names and values, in reading order.</summary>
    public required IEnumerable<(string Name, string Value)> Facts { get; init; }

    /// <summary>Gets the name of the fact that is read first; empty for none.</summary>
    public string Emphasis { get; init; } = "";

    public IEnumerable<string> Notices { get; init; } = [];

    /// <summary>Gets the sentence that a reader without script sees.</summary>
    public required string WithoutScript { get; init; }

    /// <summary>Gets the name of the table that is there without script, such as <c>the table of links</c>.</summary>
    public required string Table { get; init; }
}
