using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders patches as pages: matrices of their effects, both prompts, and for direct paths a diagram of the
/// strongest.</summary>
public static class PatchPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "heat.js", "heat-file.js",
        "export.js", "export-diagrams.js", "patch-data.js", "patch-state.js", "patch-view.js",
        "patch-prompts.js", "patch-diagram.js", "patch-panels.js", "patch.js",
    ];

    /// <summary>Renders the patches of an activation. The same patches give the same page, byte for byte.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The page would be larger than allowed.</exception>
    public static HtmlPage Render(
        PatchGrid<PatchTarget> grid, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        Render(SheetOf([grid], tokens), options);

    /// <summary>Renders the patches of an activation in several pairs of prompts, with their mean and spread.</summary>
    /// <param name="batch">The patches.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The page would be larger than allowed.</exception>
    public static HtmlPage Render(
        PatchBatch<PatchTarget> batch, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        Render(SheetOf(batch.Grids, tokens), options);

    /// <summary>Renders the direct paths of one or more sources of one sweep.</summary>
    /// <param name="sources">The paths of each source.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no source, one is given twice, the paths are of different sweeps,
    /// or the page would be larger than allowed.</exception>
    public static HtmlPage Render(
        IReadOnlyList<PatchGrid<PathTarget>> sources, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        Render(SheetOf([sources], tokens), options);

    /// <summary>Renders the direct paths of one or more sources in several pairs of prompts, with their mean and
    /// spread.</summary>
    /// <param name="sources">The paths of each source.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no source, one is given twice, the paths are of different sweeps,
    /// or the page would be larger than allowed.</exception>
    public static HtmlPage Render(
        IReadOnlyList<PatchBatch<PathTarget>> sources, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        Render(SheetOf(PairsOf(sources), tokens), options);

    /// <summary>Draws the effects of patches of an activation as a static figure (SVG): a matrix of layers by heads or
    /// positions, along other axes the strongest.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    public static string ToSvg(
        PatchGrid<PatchTarget> grid, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        ToSvg(SheetOf([grid], tokens), options);

    /// <summary>Draws the mean effects over several pairs of prompts as a static figure (SVG).</summary>
    /// <param name="batch">The patches.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    public static string ToSvg(
        PatchBatch<PatchTarget> batch, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        ToSvg(SheetOf(batch.Grids, tokens), options);

    /// <summary>Draws direct paths as a static figure (SVG): of one source a matrix of their destinations, of several a
    /// diagram of the strongest.</summary>
    /// <param name="sources">The paths of each source.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">There is no source, one is given twice, or the paths are of different
    /// sweeps.</exception>
    public static string ToSvg(
        IReadOnlyList<PatchGrid<PathTarget>> sources, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        ToSvg(SheetOf([sources], tokens), options);

    /// <summary>Draws the means of direct paths over several pairs of prompts as a static figure (SVG).</summary>
    /// <param name="sources">The paths of each source.</param>
    /// <param name="tokens">Returns the text of a token of the prompts or the metric.</param>
    /// <param name="options">The title and the theme, of which <see cref="PageTheme.Auto"/> means light; null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">There is no source, one is given twice, or the paths are of different
    /// sweeps.</exception>
    public static string ToSvg(
        IReadOnlyList<PatchBatch<PathTarget>> sources, Func<int, TokenText> tokens, PatchPageOptions? options = null) =>
        ToSvg(SheetOf(PairsOf(sources), tokens), options);

    /// <summary>Draws a sheet.</summary>
    internal static string ToSvg(PatchSheet sheet, PatchPageOptions? options)
    {
        options ??= new();
        var title = TraceWords.TitleOf(
            options.Title, options.Origin, string.Concat(sheet.What[..1].ToUpperInvariant(), sheet.What.AsSpan(1)));
        return new PatchFigure(sheet, new(sheet), title, options.Theme).ToSvg();
    }

    static PatchSheet SheetOf(IReadOnlyList<PatchGrid<PatchTarget>> grids, Func<int, TokenText> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return PatchSheet.Of(grids, tokens);
    }

    static PatchSheet SheetOf(
        IReadOnlyList<IReadOnlyList<PatchGrid<PathTarget>>> pairs, Func<int, TokenText> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return PatchSheet.Of(pairs, tokens);
    }

    static List<List<PatchGrid<PathTarget>>> PairsOf(IReadOnlyList<PatchBatch<PathTarget>> sources)
    {
        if (sources.Count == 0)
            throw new ArgumentException("There is no source to show: the paths of at least one are needed.");
        var pairs = sources[0].Grids.Length;
        return sources.All(source => source.Grids.Length == pairs)
            ? [.. Enumerable.Range(0, pairs).Select(pair => sources.Select(source => source.Grids[pair]).ToList())]
            : throw new ArgumentException(
                $"The paths are of different sweeps, expected those of the same {pairs} pairs for each source.");
    }

    /// <summary>Renders a sheet.</summary>
    internal static HtmlPage Render(PatchSheet sheet, PatchPageOptions? options)
    {
        options ??= new();
        var ranks = new PatchRanks(sheet);
        var title = TraceWords.TitleOf(
            options.Title, options.Origin,
            sheet.Kind == PatchKind.Activation ? "Activation patching" : "Direct path patching");
        return new Page
        {
            Kind = "patch",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "patch.css"],
            Scripts = sheet.Kind == PatchKind.Activation
                ? Scripts.RemoveRange(["patch-diagram.js", "export-diagrams.js"])
                : Scripts,
            Data = PageLimit.Collect(PatchData.Blocks(sheet, ranks, options), options.MaxBytes, (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{sheet.Count:N0} patches in {sheet.Pairs.Length} pair{(sheet.Pairs.Length == 1 ? "" : "s")}"),
                "Choose fewer layers, positions, heads or pairs")),
            Body = html => new PatchMarkup(sheet, ranks, options, title).Write(html),
        }.ToHtml();
    }
}

/// <summary>The options of a page of patches; change them with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Activation patching</c> or <c>Direct path patching</c>; of a figure,
/// what is patched.</remarks>
public sealed record PatchPageOptions : PageOptions
{
    /// <summary>Gets the name of the model, which is shown. Default: null, none.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets the labels of the pairs, in their order. Default: null, their clean prompts.</summary>
    public ValueArray<string>? Labels { get; init; }

    /// <summary>Gets the text that the page exports as JSON, as <see cref="PatchJson"/> writes the patches. Default:
    /// null, no JSON is offered.</summary>
    public string? Json { get; init; }
}
