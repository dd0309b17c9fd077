using RatIlgpu.Analysis;
using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>Renders an atlas of heads: what every head of a model does, by its scores, roles, examples and
/// ablations.</summary>
public static class AtlasPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "export.js", "range.js", "heat.js", "heat-file.js", "planes.js", "axes.js", "drawn.js",
        "atlas-data.js", "atlas-state.js", "atlas-heads.js", "atlas-axes.js", "atlas-plane.js", "atlas-ranks.js",
        "atlas-card.js", "atlas-examples.js", "atlas-vectors.js", "atlas-export.js", "atlas.js",
    ];

    /// <summary>Renders an atlas as one page. The same atlas gives the same page, byte for byte.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="AtlasPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The atlas contradicts itself, such as by a card of a head that it does not
    /// have; the page would be larger than the options allow; or the link of the options is none.</exception>
    public static HtmlPage Render(HeadAtlas atlas, AtlasPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(atlas);
        options ??= new();
        AtlasCheck.Check(atlas);
        AtlasCheck.CheckLink(options.AttentionPage);
        var title = AtlasWords.TitleOf(atlas, options);
        return new Page
        {
            Kind = "atlas",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "heads.css", "atlas.css", "atlas-card.css"],
            Scripts = Scripts,
            Data = PageLimit.Collect(
                new AtlasBlocks(atlas, options).All(), options.MaxBytes,
                ($"{CountText.Of(atlas.Heads.Length, "head")} and {CountText.Of(atlas.Cards.Length, "full card")}",
                    "Make fewer full cards, with fewer examples or shorter texts")),
            Body = html => new AtlasMarkup(atlas, options, title).Write(html),
        }.ToHtml();
    }

    /// <summary>Draws the roles of all heads and one score as a static figure.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="scoreId">The id of the score. Default: null, the first one.</param>
    /// <param name="measure">The number of the score that is drawn.</param>
    /// <param name="options">The title and the theme; without a theme, the figure is light. Default: those of a new
    /// <see cref="AtlasPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The atlas contradicts itself, or has no such score.</exception>
    public static string ToSvg(
        HeadAtlas atlas,
        string? scoreId = null,
        HeadMeasure measure = HeadMeasure.Excess,
        AtlasPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(atlas);
        AtlasCheck.Check(atlas);
        return new AtlasFigure(atlas, AtlasFigure.ScoreOf(atlas, scoreId), measure, options ?? new()).ToSvg();
    }
}

/// <summary>A number of a score.</summary>
public enum HeadMeasure
{
    /// <summary>The score itself.</summary>
    Raw,

    /// <summary>How far it is above chance.</summary>
    Excess,

    /// <summary>The share of the attention that does not go to the first token.</summary>
    WithoutFirst,

    /// <summary>The share of the attention that does not go to the query itself.</summary>
    WithoutSelf,
}

/// <summary>What a page of an atlas shows beside it; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is the name of the model.</remarks>
public sealed record AtlasPageOptions : PageOptions
{
    /// <summary>Gets the address of a page of <see cref="Html.AttentionPage"/> with the heads of the model, such as
    /// <c>attention.html</c>, to which each card links. Default: null, no link.</summary>
    public string? AttentionPage { get; init; }
}
