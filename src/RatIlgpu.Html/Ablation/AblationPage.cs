using RatIlgpu.Analysis;
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
        "strip.js", "export.js", "heat.js", "heat-file.js", "planes.js", "axes.js", "drawn.js", "lines.js",
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
        if (report.Samples.IsEmpty || report.Conditions.IsEmpty)
            throw new ArgumentException("The study has no sample or no condition, expected one of each at least.");
        var title = AblationWords.TitleOf(options, "Ablation");
        return PageOf(
            "ablation", title, options, OfStudy, new AblationBlocks(report, new(tokens), options).All(),
            made => (
                $"{Math.Max(0, made.Count - 1)} blocks of {report.Samples.Length} samples and "
                + $"{report.Conditions.Length} conditions",
                "Take fewer heads, kinds or samples, shorter texts, or show fewer samples or heads, or allow more."),
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
        if (comparison.Samples.IsEmpty || comparison.Heads.IsEmpty || comparison.Conditions.IsEmpty)
            throw new ArgumentException(
                "The comparison has no sample, head or condition, expected one of each at least.");
        var (title, table) = (AblationWords.TitleOf(options, DistancesWords.Title), new TokenTable(tokens));
        return PageOf(
            "attention-distances", title, options, OfDistances,
            [DataBlock.Json("data", json => DistancesData.Write(json, comparison, table, options))],
            _ => (
                $"{comparison.Samples.Length} samples, {comparison.Heads.Length} heads and "
                + $"{comparison.Conditions.Length} conditions",
                "Take fewer conditions, samples or offsets, or allow more."),
            new DistancesMarkup(comparison, options, title).Write);
    }

    static HtmlPage Render(TestView view, Func<int, TokenText> tokens, AblationPageOptions? options)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        if (view.Samples.IsEmpty || view.Heads.IsEmpty || view.Layers.IsEmpty)
            throw new ArgumentException(
                $"The {view.Kind} has no sample, head or layer, expected one of each at least.");
        var (title, table) = (AblationWords.TitleOf(options, view.Title), new TokenTable(tokens));
        return PageOf(
            view.Kind, title, options, OfTest, [DataBlock.Json("data", json => view.Write(json, table, options))],
            _ => (
                $"{view.Samples.Length} samples and {view.Layers.Length} layers",
                "Take fewer samples or shorter texts, or allow more."),
            new RedundancyMarkup(view, options, title).Write);
    }

    static HtmlPage PageOf(
        string kind,
        string title,
        AblationPageOptions options,
        ImmutableArray<string> scripts,
        IEnumerable<DataBlock> blocks,
        Func<IReadOnlyList<DataBlock>, (string What, string Cure)> size,
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
public sealed record AblationPageOptions
{
    /// <summary>Gets the heading. Default: null, the title of <see cref="Origin"/>, or else the name of the
    /// study.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;

    /// <summary>Gets the model, for the facts at the top and for the exported JSON. Default: null, unknown.</summary>
    public TracedModel? Model { get; init; }

    /// <summary>Gets what made the study. Default: null, unknown.</summary>
    public TraceOrigin? Origin { get; init; }

    /// <summary>Gets whether the page begins with an explanation. Default: false.</summary>
    public bool HelpText { get; init; }

    /// <summary>Gets the largest size of the data of the page, in bytes. Default: 25,000,000.</summary>
    public long MaxBytes { get; init; } = PageLimit.MostBytes;
}
