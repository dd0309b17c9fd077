namespace RatIlgpu.Html;

/// <summary>Renders two traces, or two flows, as one page: both diagrams to one scale, and the differences of their
/// shares.</summary>
public static class ComparePage
{
    static readonly ImmutableArray<string> OfTraces =
    [
        "sankey.js", "strip.js", "strip-routes.js", "zoom.js", "export.js", "export-diagrams.js",
        "trace-start.js", "compare-trace.js", "compare-state.js", "compare-side.js", "compare-export.js", "compare.js",
    ];

    static readonly ImmutableArray<string> OfFlows = OfTraces.Replace("trace-start.js", "flow-places.js")
        .Replace("compare-trace.js", "compare-flow.js");

    /// <summary>Renders two traces. The same traces give the same page, byte for byte.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace: of another prompt, layer, head or model.</param>
    /// <param name="options">The title, the theme and the names. Default: those of a new
    /// <see cref="ComparePageOptions"/>.</param>
    public static HtmlPage Render(TraceResult a, TraceResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var comparison = new TraceComparison(a, b);
        return Render(comparison, Named(options, a.Origin, b.Origin, comparison.Words.Title), OfTraces);
    }

    /// <summary>Renders two flows. The same flows give the same page, byte for byte.</summary>
    /// <param name="a">The first flow.</param>
    /// <param name="b">The second flow: of another prompt, of other layers or another model.</param>
    /// <param name="options">The title, the theme and the names. Default: those of a new
    /// <see cref="ComparePageOptions"/>.</param>
    public static HtmlPage Render(FlowResult a, FlowResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var comparison = new FlowComparison(a, b);
        return Render(comparison, Named(options, a.Origin, b.Origin, comparison.Words.Title), OfFlows);
    }

    /// <summary>Draws two traces as a static figure (SVG), for a paper or a notebook: both diagrams to one scale,
    /// coloured by the difference of shares. The figure has no script, no style and no reference to another file. The
    /// same traces give the same figure, byte for byte.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace: of another prompt, layer, head or model.</param>
    /// <param name="options">The title, the theme and the names; <see cref="PageTheme.Auto"/> means light. Default:
    /// those of a new <see cref="ComparePageOptions"/>.</param>
    /// <returns>The whole file.</returns>
    public static string ToSvg(TraceResult a, TraceResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var comparison = new TraceComparison(a, b);
        return CompareFigure.ToSvg(comparison, Named(options, a.Origin, b.Origin, comparison.Words.Title));
    }

    /// <summary>Draws two flows as a static figure (SVG), as
    /// <see cref="ToSvg(TraceResult, TraceResult, ComparePageOptions)"/> does two traces.</summary>
    /// <param name="a">The first flow.</param>
    /// <param name="b">The second flow.</param>
    /// <param name="options">The title, the theme and the names; <see cref="PageTheme.Auto"/> means light. Default:
    /// those of a new <see cref="ComparePageOptions"/>.</param>
    /// <returns>The whole file.</returns>
    public static string ToSvg(FlowResult a, FlowResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var comparison = new FlowComparison(a, b);
        return CompareFigure.ToSvg(comparison, Named(options, a.Origin, b.Origin, comparison.Words.Title));
    }

    // The title of both results, if they have the same.
    static ComparePageOptions Named(ComparePageOptions? options, TraceOrigin? a, TraceOrigin? b, string usual)
    {
        options ??= new();
        return options with { Title = TraceWords.TitleOf(options.Title, a?.Title == b?.Title ? a : null, usual) };
    }

    /// <summary>Returns what adds to the scores of the links that two traces explain, the largest difference
    /// first.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    /// <returns>Of each such link the whole score, and the pairs that either trace keeps; none where no link of one
    /// that is explained has a counterpart that is.</returns>
    public static ImmutableArray<PartDifference> PartsOf(TraceResult a, TraceResult b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return PartDifference.Of(a, b, Alignment.Of(a.Tokens, b.Tokens));
    }

    /// <summary>Returns a sentence that says why the scores of two traces are not compared; null where both explain
    /// links, or neither does.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    public static string? WhyNoParts(TraceResult a, TraceResult b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var (ofA, ofB) = (!a.Explanations.IsEmpty, !b.Explanations.IsEmpty);
        return ofA == ofB
            ? null
            : $"Only {(ofA ? "A" : "B")} explains its links: to compare the parts of their scores, trace the other "
                + "with --explain too.";
    }

    /// <summary>Tells whether two traces are equal, so that their page has no difference to show: apart from their
    /// notices, and, unless both have it, from what explains their links.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    public static bool AreEqual(TraceResult a, TraceResult b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var areExplained = !a.Explanations.IsEmpty && !b.Explanations.IsEmpty;
        return Compared(a).Equals(Compared(b));

        TraceResult Compared(TraceResult trace) => trace with
        {
            Notices = [],
            Explanations = areExplained ? trace.Explanations : [],
        };
    }

    /// <summary>Tells whether two flows are equal, so that their page has no difference to show: apart from their
    /// notices.</summary>
    /// <param name="a">The first flow.</param>
    /// <param name="b">The second flow.</param>
    public static bool AreEqual(FlowResult a, FlowResult b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a with { Notices = [] } == b with { Notices = [] };
    }

    static HtmlPage Render(Comparison comparison, ComparePageOptions options, ImmutableArray<string> scripts)
    {
        return new Page
        {
            Kind = "compare",
            Title = options.Title!,
            Theme = options.Theme,
            Colours = Palette.DifferenceCss,
            Styles = ["parts.css", "trace.css", "lanes.css", "compare.css"],
            Scripts = scripts,
            Data = [DataBlock.Json("data", json => WriteJson(json, comparison))],
            Body = html => new CompareMarkup(comparison, options).Write(html),
        }.ToHtml();
    }

    static void WriteJson(Utf8JsonWriter json, Comparison comparison)
    {
        json.WriteStartObject();
        TraceData.WriteDrawing(json);
        json.WritePropertyName("a");
        comparison.SideA.WriteJson(json);
        json.WritePropertyName("b");
        comparison.SideB.WriteJson(json);
        json.WriteStartArray("counterparts");
        foreach (var counterpart in comparison.Alignment.BOfA)
            json.WriteNumberValue(counterpart);
        json.WriteEndArray();
        WriteDifferences(json, "tokens", comparison.Tokens, comparison.Scale);
        WriteDifferences(json, "links", comparison.Links, comparison.Scale);
        WriteDifferences(json, "paths", comparison.Paths, comparison.Scale);
        json.WriteEndObject();
    }

    static void WriteDifferences(
        Utf8JsonWriter json, string name, IEnumerable<ShareDifference> differences, DifferenceScale scale)
    {
        json.WriteStartArray(name);
        foreach (var pair in differences)
        {
            json.WriteStartArray();
            json.WriteNumberValue(pair.A);
            json.WriteNumberValue(pair.B);
            json.WriteNumberValue(Math.Round(pair.ShareA, 6));
            json.WriteNumberValue(Math.Round(pair.ShareB, 6));
            json.WriteStringValue(scale.StepOf(pair));
            json.WriteStringValue(pair.Words);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}

/// <summary>The title, the theme and the names of a page that compares two traces or flows.</summary>
public sealed record ComparePageOptions
{
    /// <summary>Gets the heading. Default: null. The heading is then the title that both results were made with, or, if
    /// they have none or not the same, <c>Two attention traces</c> or <c>Two flows through all layers</c>.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;

    /// <summary>Gets the name of the first trace or flow, shown beside "A". Default: empty.</summary>
    public string NameA { get; init; } = "";

    /// <summary>Gets the name of the second trace or flow, shown beside "B". Default: empty.</summary>
    public string NameB { get; init; } = "";
}
