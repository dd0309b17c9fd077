namespace RatIlgpu.Html;

/// <summary>Renders two traces as one page: both diagrams to one scale, and the differences of their shares.</summary>
public static class ComparePage
{
    // Two drawings of this height fit on a usual screen.
    const double MostPixels = 150;

    const string DefaultTitle = "Two attention traces";

    static readonly ImmutableArray<string> Scripts =
    [
        "sankey.js", "strip.js", "strip-routes.js", "zoom.js", "export.js", "export-diagrams.js",
        "compare-state.js", "compare-side.js", "compare-export.js", "compare.js",
    ];

    /// <summary>Renders two traces. The same traces give the same page, byte for byte.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace: of another prompt, layer, head or model.</param>
    /// <param name="options">The title, the theme and the names. Default: those of a new
    /// <see cref="ComparePageOptions"/>.</param>
    public static HtmlPage Render(TraceResult a, TraceResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new();
        var comparison = new TraceComparison(a, b);
        var title = TitleOf(a, b, options);
        return new Page
        {
            Kind = "compare",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.DifferenceCss,
            Styles = ["parts.css", "trace.css", "compare.css"],
            Scripts = Scripts,
            Data = [DataBlock.Json("data", json => WriteJson(json, comparison))],
            Body = html => new CompareMarkup(comparison, options with { Title = title }).Write(html),
        }.ToHtml();
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
        options ??= new();
        return CompareFigure.ToSvg(new(a, b), options with { Title = TitleOf(a, b, options) });
    }

    /// <summary>Tells whether two traces are equal, so that their page has no difference to show: apart from their
    /// notices, and from what explains their links.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    public static bool AreEqual(TraceResult a, TraceResult b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return Compared(a).Equals(Compared(b));

        static TraceResult Compared(TraceResult trace) => trace with { Notices = [], Explanations = [] };
    }

    static string TitleOf(TraceResult a, TraceResult b, ComparePageOptions options)
    {
        var ofBoth = TraceWords.TitleOf(a) is { } ofA && ofA == TraceWords.TitleOf(b) ? ofA : null;
        return options.Title ?? ofBoth ?? DefaultTitle;
    }

    static void WriteJson(Utf8JsonWriter json, TraceComparison comparison)
    {
        var units = Enum.GetValues<ColumnMode>().ToDictionary(mode => mode, mode => UnitOf(comparison, mode));
        json.WriteStartObject();
        TraceData.WriteDrawing(json);
        foreach (var (name, trace) in new[] { ("a", comparison.A), ("b", comparison.B) })
        {
            json.WritePropertyName(name);
            new TraceView(trace, mode => units[mode]).WriteJson(json);
        }

        json.WriteStartArray("counterparts");
        foreach (var counterpart in comparison.Alignment.BOfA)
            json.WriteNumberValue(counterpart);
        json.WriteEndArray();
        WriteDifferences(json, "tokens", comparison.Tokens, comparison.Scale);
        WriteDifferences(json, "links", comparison.Links, comparison.Scale);
        WriteDifferences(json, "paths", comparison.Paths, comparison.Scale);
        json.WriteEndObject();
    }

    /// <summary>Returns the pixels per share of both drawings: those that the fuller drawing has room for.</summary>
    internal static double UnitOf(TraceComparison comparison, ColumnMode mode)
    {
        var (a, b) = (new TraceView(comparison.A).Drawn, new TraceView(comparison.B).Drawn);
        return Math.Min(
            MostPixels / Math.Max(a.Total, b.Total),
            Math.Min(SankeyLayout.UnitOf(a, mode), SankeyLayout.UnitOf(b, mode)));
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

/// <summary>The title, the theme and the names of a page that compares two traces.</summary>
public sealed record ComparePageOptions
{
    /// <summary>Gets the heading. Default: null, the title of <see cref="TraceResult.Origin"/> if both traces have the
    /// same, or else <c>Two attention traces</c>.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;

    /// <summary>Gets the name of the first trace, shown beside "A". Default: empty.</summary>
    public string NameA { get; init; } = "";

    /// <summary>Gets the name of the second trace, shown beside "B". Default: empty.</summary>
    public string NameB { get; init; } = "";
}
