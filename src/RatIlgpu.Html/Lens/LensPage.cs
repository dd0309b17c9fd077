using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders results of the logit lens: a grid of the states of the stream by the positions of a prompt, with
/// the most probable token in each cell, and how tokens fare on the way.</summary>
public static class LensPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "export.js", "range.js", "heat.js", "heat-file.js", "planes.js", "lines.js",
        "lens-data.js", "lens-state.js", "lens-plot.js", "lens-panels.js",
        "lens-export.js", "lens.js",
    ];

    /// <summary>Renders the states of prompts as one page. The same states give the same page, byte for byte. The page
    /// has every number of the states; logits are in single precision, as the model computes them.</summary>
    /// <param name="batch">The states; at each position of a prompt those of the same name.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="LensPageOptions"/>.</param>
    /// <exception cref="ArgumentException">A prompt has no state, a state twice, or other states at one position than
    /// at the first; or the page would be larger than the options allow.</exception>
    public static HtmlPage Render(LensBatch batch, Func<int, TokenText> tokens, LensPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        var view = new LensView(batch, tokens);
        var title = LensWords.TitleOf(options);
        return new Page
        {
            Kind = "lens",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "lines.css", "lens.css"],
            Scripts = Scripts,
            Data = PageLimit.Collect(
                new LensBlocks(view, options).All(), options.MaxBytes,
                (view.Size, "Choose fewer positions, layers, prompts or predictions")),
            Body = html => new LensMarkup(view, options, title).Write(html),
        }.ToHtml();
    }

    /// <summary>Renders the states of one prompt as a page.</summary>
    /// <param name="reading">The states.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="LensPageOptions"/>.</param>
    /// <inheritdoc cref="Render(LensBatch, Func{int, TokenText}, LensPageOptions)" path="/exception"/>
    public static HtmlPage Render(LensReading reading, Func<int, TokenText> tokens, LensPageOptions? options = null) =>
        Render(new LensBatch(reading), tokens, options);

    /// <summary>Draws the grid of one prompt as a static figure.</summary>
    /// <param name="reading">The states.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="measure">What colours a cell.</param>
    /// <param name="options">The title and the theme; without a theme, the figure is light. Default: those of a new
    /// <see cref="LensPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The prompt has no state, a state twice, or other states at one position than
    /// at the first; or no token is followed, and the measure is about one.</exception>
    public static string ToSvg(
        LensReading reading,
        Func<int, TokenText> tokens,
        LensMeasure measure = LensMeasure.TopProbability,
        LensPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(tokens);
        return new LensFigure(new(new(reading), tokens), measure, options ?? new()).ToSvg();
    }
}

/// <summary>What colours a cell of a grid of states.</summary>
public enum LensMeasure
{
    /// <summary>The probability of the most probable token.</summary>
    TopProbability,

    /// <summary>The logit of the most probable token.</summary>
    TopLogit,

    /// <summary>The probability of the first followed token.</summary>
    Probability,

    /// <summary>The rank of the first followed token; 1 has the strongest colour, on a logarithmic scale.</summary>
    Rank,

    /// <summary>The logit of the first followed token.</summary>
    Logit,

    /// <summary>The divergence to the final prediction, KL(final ‖ state), in nats.</summary>
    KlDivergence,

    /// <summary>The entropy of the prediction, in nats.</summary>
    Entropy,
}

/// <summary>What a page of the logit lens shows beside the states; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Logit lens</c>.</remarks>
public sealed record LensPageOptions : PageOptions
{
    /// <summary>Gets the model, for the facts at the top and for the exported JSON. Default: null, unknown.</summary>
    public TracedModel? Model { get; init; }

    /// <summary>Gets lines that the reader must know. Default: none.</summary>
    public ValueArray<string> Notices { get; init; } = [];
}
