using RatIlgpu.Analysis;
using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders studies of ablation: what is left without heads or values, layer by layer and position by position;
/// and the two tests of what heads have of the values before them.</summary>
public static class AblationPage
{
    static readonly ImmutableArray<string> Styles =
        ["parts.css", "heat.css", "lines.css", "ablation.css"];

    static readonly ImmutableArray<string> Shared =
    [
        "strip.js", "export.js", "range.js", "heat.js", "heat-file.js", "planes.js", "axes.js", "drawn.js", "lines.js",
        "ablation-plot.js",
    ];

    static readonly ImmutableArray<string> OfStudy =
    [
        .. Shared, "ablation-data.js", "ablation-state.js", "ablation-samples.js", "ablation-grid.js",
        "ablation-positions.js", "ablation-attention.js", "ablation-export.js", "ablation.js",
    ];

    static readonly ImmutableArray<string> OfTest =
        [.. Shared, "redundancy-data.js", "ablation-samples.js", "sample-choice.js", "redundancy.js"];

    static readonly ImmutableArray<string> OfDistances =
        [.. Shared, "distances-data.js", "ablation-samples.js", "sample-choice.js", "distances.js"];

    /// <summary>Renders a study as one page. The same study gives the same page, byte for byte. Numbers of single
    /// positions have 16 binary digits, and attention steps of 0.00025; means and spreads are exact.</summary>
    /// <param name="report">The study.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="AblationPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The study has no sample or no condition, or the page would be larger than
    /// the options allow.</exception>
    public static HtmlPage Render(
        AblationReport report, Func<int, TokenText> tokens, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        Check(report);
        var title = AblationWords.TitleOf(options, "Ablation");
        return PageOf(
            "ablation", title, options, OfStudy, new AblationBlocks(report, new(tokens), options).All(),
            ($"{CountText.Of(report.Samples.Length, "sample")} and "
                + CountText.Of(report.Conditions.Length, "condition"),
                "Take fewer heads, kinds or samples, shorter texts, or show fewer samples or heads"),
            new AblationMarkup(report, tokens, options, title).Write);
    }

    /// <summary>Renders a redundancy test as one page. The same test gives the same page, byte for byte.</summary>
    /// <param name="report">The test.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="AblationPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The test has no sample, no head or no comparison, or the page would be
    /// larger than the options allow.</exception>
    public static HtmlPage Render(
        RedundancyReport report, Func<int, TokenText> tokens, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Render(new RedundancyView(report), tokens, options);
    }

    /// <summary>Renders an offset sweep as one page. The same sweep gives the same page, byte for byte.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="AblationPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The sweep has no sample, no head or no layer, or the page would be larger
    /// than the options allow.</exception>
    public static HtmlPage Render(OffsetSweep sweep, Func<int, TokenText> tokens, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return Render(new SweepView(sweep), tokens, options);
    }

    /// <summary>Renders a comparison of attention as one page. The same comparison gives the same page, byte for
    /// byte.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="AblationPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The comparison has no sample, no head or no condition, or the page would be
    /// larger than the options allow.</exception>
    public static HtmlPage Render(
        AttentionComparison comparison, Func<int, TokenText> tokens, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        Check(comparison);
        var (title, table) = (AblationWords.TitleOf(options, DistancesWords.Title), new TokenTable(tokens));
        return PageOf(
            "attention-distances", title, options, OfDistances,
            [DataBlock.Json("data", json => DistancesData.Write(json, comparison, table, options))],
            ($"{CountText.Of(comparison.Samples.Length, "sample")}, {CountText.Of(comparison.Heads.Length, "head")} "
                + $"and {CountText.Of(comparison.Conditions.Length, "condition")}",
                "Take fewer conditions, samples or offsets"),
            new DistancesMarkup(comparison, options, title).Write);
    }

    /// <summary>Draws a study as a static figure (SVG): what is left of the output of attention in each layer, and the
    /// divergence of the predictions, by condition.</summary>
    /// <param name="report">The study.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">The study has no sample or no condition.</exception>
    public static string ToSvg(AblationReport report, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        Check(report);
        return new AblationFigure(report, options ?? new()).ToSvg();
    }

    /// <summary>Draws a redundancy test as a static figure (SVG): its comparisons in the layer of the heads.</summary>
    /// <param name="report">The test.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">The test has no sample, no head or no comparison.</exception>
    public static string ToSvg(RedundancyReport report, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        new RedundancyView(report).Check();
        return new RedundancyFigure(report, options ?? new()).ToSvg();
    }

    /// <summary>Draws an offset sweep as a static figure (SVG): its curves in the layer of the heads.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">The sweep has no sample, no head or no layer.</exception>
    public static string ToSvg(OffsetSweep sweep, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        new SweepView(sweep).Check();
        return SweepFigure.ToSvg(sweep, options ?? new());
    }

    /// <summary>Draws a comparison of attention as a static figure (SVG): two figures of each head.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">The comparison has no sample, no head or no condition.</exception>
    public static string ToSvg(AttentionComparison comparison, AblationPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        Check(comparison);
        return new DistancesFigure(comparison, options ?? new()).ToSvg();
    }

    static void Check(AblationReport report)
    {
        if (report.Samples.IsEmpty || report.Conditions.IsEmpty)
            throw new ArgumentException("The study has no sample or no condition, expected one of each at least.");
    }

    static void Check(AttentionComparison comparison)
    {
        if (comparison.Samples.IsEmpty || comparison.Heads.IsEmpty || comparison.Conditions.IsEmpty)
            throw new ArgumentException(
                "The comparison has no sample, head or condition, expected one of each at least.");
    }

    static HtmlPage Render(TestView view, Func<int, TokenText> tokens, AblationPageOptions? options)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        view.Check();
        var (title, table) = (AblationWords.TitleOf(options, view.Title), new TokenTable(tokens));
        return PageOf(
            view.Kind, title, options, OfTest, [DataBlock.Json("data", json => view.Write(json, table, options))],
            ($"{CountText.Of(view.Samples.Length, "sample")} and {CountText.Of(view.Layers.Length, "layer")}",
                "Take fewer samples or shorter texts"),
            new RedundancyMarkup(view, options, title).Write);
    }

    static HtmlPage PageOf(
        string kind,
        string title,
        AblationPageOptions options,
        ImmutableArray<string> scripts,
        IEnumerable<DataBlock> blocks,
        (string What, string Cure) size,
        Action<HtmlWriter> body) => new Page
        {
            Kind = kind,
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = Styles,
            Scripts = scripts,
            Data = PageLimit.Collect(blocks, options.MaxBytes, size),
            Body = body,
        }.ToHtml();
}

/// <summary>What a page of a study of ablation shows beside it; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is the name of the study.</remarks>
public sealed record AblationPageOptions : PageOptions
{
    /// <summary>Gets the model, for the facts at the top and for the exported JSON. Default: null, unknown.</summary>
    public TracedModel? Model { get; init; }
}
