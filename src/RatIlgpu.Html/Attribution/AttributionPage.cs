using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders logit attributions as pages: the components as signed bars, and what each head reads from each
/// token as a matrix.</summary>
/// <remarks>Elhage et al., A Mathematical Framework for Transformer Circuits, 2021.</remarks>
public static class AttributionPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "export.js", "range.js", "heat.js", "heat-file.js", "signed.js", "bars.js",
        "attribution-data.js", "attribution-bars.js", "attribution-matrix.js",
        "attribution-export.js", "attribution.js",
    ];

    /// <summary>Renders the attributions of prompts. The same attributions give the same page, byte for byte.</summary>
    /// <param name="units">The same logits in one or several units, the unit that is shown first in front. The matrix
    /// needs <see cref="AttributionUnit.HeadBySource"/>; with <see cref="AttributionUnit.Sublayer"/> beside it, what is
    /// no head has rows of its own.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title, the theme and what is shown. Default: those of a new
    /// <see cref="AttributionPageOptions"/>.</param>
    /// <exception cref="ArgumentException">There is no attribution; a unit is given twice; two units are of different
    /// logits; a number is not finite; or the page would be larger than
    /// <see cref="PageOptions.MaxBytes"/>.</exception>
    public static HtmlPage Render(
        IReadOnlyList<AttributionBatch> units, Func<int, TokenText> tokens, AttributionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(units);
        return Render([.. units.Select(batch => batch.Attributions)], tokens, options);
    }

    /// <summary>Renders the attribution of one logit.</summary>
    /// <param name="units">The same logit in one or several units, the unit that is shown first in front.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title, the theme and what is shown. Default: those of a new
    /// <see cref="AttributionPageOptions"/>.</param>
    /// <inheritdoc cref="Render(IReadOnlyList{AttributionBatch}, Func{int, TokenText}, AttributionPageOptions)"
    /// path="/exception"/>
    public static HtmlPage Render(
        IReadOnlyList<LogitAttribution> units, Func<int, TokenText> tokens, AttributionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(units);
        return Render([.. units.Select(OfOne)], tokens, options);
    }

    /// <summary>Returns a static figure: the components as signed bars, and what each head reads from each token. Of
    /// several prompts or positions, the bars are means, with their spread.</summary>
    /// <param name="units">The same logits in one or several units; the bars are those of the first.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title, the theme, where <see cref="PageTheme.Auto"/> means light, and what is shown.
    /// Default: those of a new <see cref="AttributionPageOptions"/>.</param>
    /// <returns>An SVG file, which needs no browser.</returns>
    /// <exception cref="ArgumentException">There is no attribution; a unit is given twice; two units are of different
    /// logits; or a number is not finite.</exception>
    public static string ToSvg(
        IReadOnlyList<AttributionBatch> units, Func<int, TokenText> tokens, AttributionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(units);
        return Figure([.. units.Select(batch => batch.Attributions)], tokens, options);
    }

    /// <summary>Returns a static figure of one logit.</summary>
    /// <param name="units">The same logit in one or several units; the bars are those of the first.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title, the theme and what is shown. Default: those of a new
    /// <see cref="AttributionPageOptions"/>.</param>
    /// <inheritdoc cref="ToSvg(IReadOnlyList{AttributionBatch}, Func{int, TokenText}, AttributionPageOptions)"
    /// path="/*[self::returns or self::exception]"/>
    public static string ToSvg(
        IReadOnlyList<LogitAttribution> units, Func<int, TokenText> tokens, AttributionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(units);
        return Figure([.. units.Select(OfOne)], tokens, options);
    }

    static string Figure(
        ImmutableArray<ImmutableArray<ImmutableArray<LogitAttribution>>> units,
        Func<int, TokenText> tokens,
        AttributionPageOptions? options)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        return new AttributionFigure(new(units, tokens, options.Shows), options, TitleOf(options)).ToSvg();
    }

    static string TitleOf(AttributionPageOptions options) =>
        TraceWords.TitleOf(options.Title, options.Origin, AttributionWords.Title);

    static HtmlPage Render(
        ImmutableArray<ImmutableArray<ImmutableArray<LogitAttribution>>> units,
        Func<int, TokenText> tokens,
        AttributionPageOptions? options)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        var views = new AttributionViews(units, tokens, options.Shows);
        var title = TitleOf(options);
        return new Page
        {
            Kind = "attribution",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "bars.css", "attribution.css"],
            Scripts = Scripts,
            Data = PageLimit.Collect(
                AttributionBlocks.Of(views, options),
                options.MaxBytes,
                ($"{views.Views.Length} position{(views.Views.Length == 1 ? "" : "s")}",
                    "Choose fewer prompts, positions, layers or heads")),
            Body = html => new AttributionMarkup(views, options, title).Write(html),
        }.ToHtml();
    }

    static ImmutableArray<ImmutableArray<LogitAttribution>> OfOne(LogitAttribution attribution) => [[attribution]];
}

/// <summary>The title, the theme and the rows of a page that shows attributions; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Logit attribution</c>.</remarks>
public sealed record AttributionPageOptions : PageOptions
{
    /// <summary>Gets the name of the model. Default: null, not shown.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets the test whether a part is shown; heads by source token are asked for as
    /// <see cref="ResidualTerm.Head"/>. The sum of the others is a row, <c>unaccounted</c>. Default: all are
    /// shown.</summary>
    public Func<ResidualTerm, bool> Shows { get; init; } = _ => true;

    /// <summary>Gets how many rows are shown at first, the largest; the reader can choose another number. Default:
    /// null, all up to 500.</summary>
    public int? Top { get; init; }

    /// <summary>Gets the file that the page exports as JSON, such as <see cref="AttributionJson"/> writes it. Default:
    /// null, the rows that are shown.</summary>
    public string? Json { get; init; }
}
