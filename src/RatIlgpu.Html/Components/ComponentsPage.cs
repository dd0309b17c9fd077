using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders a report on the components of a layer: its numbers as matrices, and its tables.</summary>
public static class ComponentsPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "export.js", "range.js", "heat.js", "heat-file.js", "planes.js",
        "components-data.js", "components-view.js", "components.js",
    ];

    /// <summary>Renders the page. The same report gives the same page, byte for byte. Numbers of matrices are in single
    /// precision.</summary>
    /// <param name="report">The report.</param>
    /// <param name="tokens">Returns the text of a token of the prompt.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The page would be larger than allowed.</exception>
    public static HtmlPage Render(
        ComponentReport report, Func<int, TokenText> tokens, ComponentsPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        var title = TitleOf(report, options);
        var made = new ComponentFigures(report, tokens);
        var (figures, charts) = (made.All(), new ComponentCharts(report, made.OffsetsWithSum()).All());
        return new Page
        {
            Kind = "components",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "components.css"],
            Scripts = Scripts,
            Data = PageLimit.Collect(
                ComponentsData.Blocks(report, figures, tokens, options), options.MaxBytes,
                ($"{figures.Length} figures of components", "Choose fewer components")),
            Body = html => new ComponentsMarkup(report, figures, charts, tokens, options, title).Write(html),
        }.ToHtml();
    }

    /// <summary>Draws how a score is divided among pairs of components as a static figure (SVG): of the head
    /// that is looked at first and the key with its largest attention.</summary>
    /// <param name="report">The report.</param>
    /// <param name="tokens">Returns the text of a token of the prompt.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    public static string ToSvg(
        ComponentReport report, Func<int, TokenText> tokens, ComponentsPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        var array = new ComponentFigures(report, tokens).All()[0].Array;
        var (head, key) = ComponentsData.Opening(report);
        var most = Enumerable.Range(0, array.Axes[2].Labels.Length).Max(row =>
            Enumerable.Range(0, array.Axes[3].Labels.Length).Max(column =>
                Math.Abs(array[head, key, row, column] ?? 0)));
        return new HeatFigure
        {
            Title = $"{TitleOf(report, options)}: {array.Axes[0].Labels[head]} from {report.Scores.Query} to "
                + array.Axes[1].Labels[key],
            Rows = array.Axes[2].Labels,
            Columns = array.Axes[3].Labels,
            RowTitle = "query term",
            ColumnTitle = "key term",
            Shade = (row, column) => most == 0 ? 0 : array[head, key, row, column] / most,
            IsSigned = true,
            Ends = (PatchWords.Number(-most), PatchWords.Number(most)),
            Scale = "part of the score",
        }.ToSvg(options.Theme);
    }

    static string TitleOf(ComponentReport report, ComponentsPageOptions options) => TraceWords.TitleOf(
        options.Title, options.Origin, string.Create(
            CultureInfo.InvariantCulture, $"Components of layer {report.Layer}"));
}

/// <summary>The options of a page of components; change them with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Components of layer L</c>.</remarks>
public sealed record ComponentsPageOptions : PageOptions
{
    /// <summary>Gets the name of the model, which is shown. Default: null, none.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets the text that the page exports as JSON, as <see cref="ComponentsJson"/> writes the report.
    /// Default: null, no JSON is offered.</summary>
    public string? Json { get; init; }
}
