namespace RatIlgpu.Html;

/// <summary>Renders flows through all layers as pages: a diagram of the paths with a column for each layer, the text
/// shaded by the share of each token, and tables of paths and shares.</summary>
public static class FlowPage
{
    static readonly ImmutableArray<string> Single =
    [
        "sankey.js", "strip.js", "strip-routes.js", "zoom.js", "export.js", "export-diagrams.js",
        "flow-places.js", "flow-state.js", "path-state.js", "trace-diagram.js", "trace-text.js", "path-panels.js",
        "flow-panels.js", "flow-export.js", "path-export.js", "trace.js",
    ];

    // The views stand before what shows them.
    static readonly ImmutableArray<string> Several =
        Single.Insert(Single.IndexOf("trace-diagram.js"), "trace-views.js");

    /// <summary>Renders a flow. The same flow gives the same page, byte for byte. The page has the 200 most probable
    /// paths, and exports the flow as <see cref="Tracing.FlowJson"/> writes it.</summary>
    /// <param name="result">The flow.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="FlowPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The page would be larger than the options allow.</exception>
    public static HtmlPage Render(FlowResult result, FlowPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Render([result], options);
    }

    /// <summary>Renders flows as one page, in which controls choose the prompt and the target.</summary>
    /// <param name="results">The flows, at least one, in any order; of each prompt one of each of its target positions.
    /// Prompts are told apart by <see cref="FlowResult.Prompt"/> and their tokens. Model, interventions and other
    /// options are the same. The page opens at the first prompt and its last target.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="FlowPageOptions"/>.</param>
    /// <exception cref="ArgumentException">There is no flow, the flows differ in more than prompt and target, a prompt
    /// has two flows of one target, or the page would be larger than the options allow.</exception>
    public static HtmlPage Render(IReadOnlyList<FlowResult> results, FlowPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var views = new FlowViews(results);
        options ??= new();
        return new Page
        {
            Kind = "flow",
            Title = FlowWords.TitleOf(views.First, options),
            Theme = options.Theme,
            Colours = Palette.HeatCss,
            Styles = views.HasSeveral
                ? ["parts.css", "trace.css", "trace-panels.css", "lanes.css", "flow.css", "trace-views.css"]
                : ["parts.css", "trace.css", "trace-panels.css", "lanes.css", "flow.css"],
            Scripts = views.HasSeveral ? Several : Single,
            Data = views.Collect(options.MaxBytes),
            Body = html => new FlowMarkup(views, new(views.First), options).Write(html),
        }.ToHtml();
    }

    /// <summary>Returns the flow that the page of several opens at: of the first prompt and its last target.</summary>
    /// <param name="results">The flows, as <see cref="Render(IReadOnlyList{FlowResult}, FlowPageOptions)"/> takes
    /// them.</param>
    /// <exception cref="ArgumentException">They are not of one page.</exception>
    public static FlowResult OpeningOf(IReadOnlyList<FlowResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new FlowViews(results).First;
    }

    /// <summary>Draws a flow as a static figure (SVG), for a paper or a notebook: the diagram, what was traced, and the
    /// most probable paths as a list. The figure has no script, no style and no reference to another file. The same
    /// flow gives the same figure, byte for byte.</summary>
    /// <param name="result">The flow.</param>
    /// <param name="options">The title and the theme; <see cref="PageTheme.Auto"/> means light. Default: those of a new
    /// <see cref="FlowPageOptions"/>.</param>
    /// <returns>The whole file.</returns>
    public static string ToSvg(FlowResult result, FlowPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return FlowFigure.ToSvg(result, options ?? new());
    }
}

/// <summary>What a page of flows shows beside them; change it with <c>with</c>.</summary>
/// <remarks>Without an origin, the page names that of the flow, <see cref="FlowResult.Origin"/>. Without a title, the
/// heading is that of the origin, or else <c>Flow through all layers</c>.</remarks>
public sealed record FlowPageOptions : PageOptions;
