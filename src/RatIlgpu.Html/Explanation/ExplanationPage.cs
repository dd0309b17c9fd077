using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders explanations of attention scores as pages: the pairs of a part of the query and a part of the key
/// as a matrix, and what each part adds as bars.</summary>
/// <remarks>Elhage et al., A Mathematical Framework for Transformer Circuits, 2021; Kamath et al., Tracing Attention
/// Computation Through Feature Interactions, 2025.</remarks>
public static class ExplanationPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "export.js", "range.js", "planes.js", "drawn.js", "heat.js", "heat-file.js", "signed.js", "bars.js",
        "explanation-data.js", "explanation-parts.js", "explanation-table.js", "explanation-export.js",
        "explanation.js",
    ];

    /// <summary>Renders the explanations of prompts. The same explanations give the same page, byte for
    /// byte.</summary>
    /// <param name="prompts">The explanations of each prompt, at least one each. Several of one head, query and key are
    /// readings of one link, between which the reader chooses; the page opens at the first.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title, the theme and what stands beside the explanations. Default: those of a new
    /// <see cref="ExplanationPageOptions"/>.</param>
    /// <exception cref="ArgumentException">There is no prompt, or one without an explanation; explanations of one
    /// prompt have other tokens; a link has a reading twice, or readings of different runs; a number is not finite; or
    /// the page would be larger than <see cref="PageOptions.MaxBytes"/>.</exception>
    public static HtmlPage Render(
        IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts,
        Func<int, TokenText> tokens,
        ExplanationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        var views = new ExplanationViews(prompts, tokens);
        var title = TitleOf(options);
        return new Page
        {
            Kind = "explanation",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "bars.css", "explanation.css"],
            Scripts = Scripts,
            Data = PageLimit.Collect(
                new ExplanationBlocks(views, options).All(),
                options.MaxBytes,
                ($"{views.Views.Length} reading{(views.Views.Length == 1 ? "" : "s")} of its links",
                    "Explain fewer keys or prompts, do not split heads by token")),
            Body = html => new ExplanationMarkup(views, options, title).Write(html),
        }.ToHtml();
    }

    /// <summary>Renders the explanations of one prompt.</summary>
    /// <param name="explanations">The explanations, at least one: those of one head, query and key are readings of one
    /// link.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title, the theme and what stands beside the explanations. Default: those of a new
    /// <see cref="ExplanationPageOptions"/>.</param>
    /// <inheritdoc cref="Render(IReadOnlyList{ImmutableArray{ScoreAttribution}}, Func{int, TokenText},
    /// ExplanationPageOptions)" path="/exception"/>
    public static HtmlPage Render(
        IReadOnlyList<ScoreAttribution> explanations,
        Func<int, TokenText> tokens,
        ExplanationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(explanations);
        return Render([[.. explanations]], tokens, options);
    }

    /// <summary>Returns a static figure of one explanation: what the parts of the key and of the query add as bars, and
    /// the pairs of the largest parts as a matrix.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="tokens">Returns the text of a token, by its id.</param>
    /// <param name="options">The title and the theme, where <see cref="PageTheme.Auto"/> means light. Default: those of
    /// a new <see cref="ExplanationPageOptions"/>.</param>
    /// <returns>An SVG file, which needs no browser.</returns>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static string ToSvg(
        ScoreAttribution explanation, Func<int, TokenText> tokens, ExplanationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        return new ExplanationFigure(new([[explanation]], tokens), options, TitleOf(options)).ToSvg();
    }

    static string TitleOf(ExplanationPageOptions options) =>
        TraceWords.TitleOf(options.Title, options.Origin, ExplanationWords.Title);
}

/// <summary>What a page of explanations shows beside them; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Attention score</c>.</remarks>
public sealed record ExplanationPageOptions : PageOptions
{
    /// <summary>Gets the model, for the facts at the top and for the exported JSON. Default: null, unknown.</summary>
    public TracedModel? Model { get; init; }

    /// <summary>Gets lines that the reader must know. Default: none.</summary>
    public ValueArray<string> Notices { get; init; } = [];
}
