using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Renders traces as pages: a diagram of the paths, the text of the prompt, and a table of the
/// links.</summary>
public static class TracePage
{
    static readonly ImmutableArray<string> Single =
    [
        "sankey.js", "strip.js", "strip-routes.js", "zoom.js", "export.js", "export-diagrams.js",
        "signed.js", "trace-state.js", "trace-start.js", "path-state.js", "trace-diagram.js", "trace-text.js",
        "path-panels.js", "trace-panels.js", "trace-export.js", "path-export.js", "trace.js",
    ];

    // The views stand before what shows them.
    static readonly ImmutableArray<string> Several =
        Single.Insert(Single.IndexOf("trace-diagram.js"), "trace-views.js");

    /// <summary>Renders a trace. The same trace gives the same page, byte for byte. The page has the 200 strongest
    /// paths, and exports the trace as <see cref="TraceJson"/> writes it.</summary>
    /// <param name="result">The trace.</param>
    /// <param name="options">The title and the theme. Default: those of a new <see cref="TracePageOptions"/>.</param>
    /// <exception cref="ArgumentException">The page would be larger than 25 MB.</exception>
    public static HtmlPage Render(TraceResult result, TracePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Render([result], options);
    }

    /// <summary>Renders traces as one page, in which controls choose the prompt, the target, the layer and the heads.
    /// </summary>
    /// <param name="results">The traces, at least one, in any order; for each prompt one of each of its target
    /// positions with each of its layers and heads. Prompts are told apart by <see cref="TraceResult.Prompt"/> and
    /// their tokens. Model, interventions and other options are the same. The page opens at the first prompt, its last
    /// target and layer, and the heads that come first.</param>
    /// <param name="options">The title and the theme. Default: those of a new <see cref="TracePageOptions"/>.</param>
    /// <exception cref="ArgumentException">There is no trace, the traces differ in more than prompt, target, layer and
    /// heads, a prompt has a trace twice or lacks one, or the page would be larger than 25 MB.</exception>
    public static HtmlPage Render(IReadOnlyList<TraceResult> results, TracePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var views = new TraceViews(results);
        var opening = new TraceView(views.First);
        options ??= new();
        var title = TraceWords.TitleOf(options.Title, views.First.Origin, TraceWords.Title);
        return new Page
        {
            Kind = "trace",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.HeatCss,
            Styles = views.HasSeveral
                ? ["parts.css", "trace.css", "trace-panels.css", "trace-views.css"]
                : ["parts.css", "trace.css", "trace-panels.css"],
            Scripts = views.HasSeveral ? Several : Single,
            Data = views.Collect(views.HasSeveral
                ? ViewBlocks.Of(views.Prompts, result => new TraceView(result), PromptRow.Of, views.AreExplained)
                : BlocksOf(opening)),
            Body = html => new TraceMarkup(views, opening, title).Write(html),
        }.ToHtml();
    }

    /// <summary>Returns the trace that the page of several opens at: of the first prompt, the last target and layer,
    /// and the heads that come first.</summary>
    /// <param name="results">The traces, as <see cref="Render(IReadOnlyList{TraceResult}, TracePageOptions)"/> takes
    /// them.</param>
    /// <exception cref="ArgumentException">They are not of one page.</exception>
    public static TraceResult OpeningOf(IReadOnlyList<TraceResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new TraceViews(results).First;
    }

    /// <summary>Draws a trace as a static figure (SVG), for a paper or a notebook: the diagram that the page opens
    /// with, what was traced, and the strongest paths as a list. The figure has no script, no style and no reference to
    /// another file. The same trace gives the same figure, byte for byte.</summary>
    /// <param name="result">The trace.</param>
    /// <param name="options">The title and the theme; <see cref="PageTheme.Auto"/> means light. Default: those of a new
    /// <see cref="TracePageOptions"/>.</param>
    /// <returns>The whole file.</returns>
    public static string ToSvg(TraceResult result, TracePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return TraceFigure.ToSvg(result, options ?? new());
    }

    static IEnumerable<DataBlock> BlocksOf(TraceView view) =>
        [DataBlock.Json("data", view.WriteJson), DataBlock.Compressed("file", view.Exported())];
}

/// <summary>The title and the theme of a page that shows traces.</summary>
public sealed record TracePageOptions
{
    /// <summary>Gets the heading. Default: null, the title of <see cref="TraceResult.Origin"/>, or else <c>Attention
    /// trace</c>.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;
}
