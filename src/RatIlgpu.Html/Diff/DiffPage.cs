using RatIlgpu.Analysis;
using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>Renders what differs between two checkpoints: weights and heads as matrices, the tokens whose prediction
/// changed, and the texts.</summary>
public static class DiffPage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "strip.js", "export.js", "heat.js", "heat-file.js", "diff-data.js", "diff-state.js", "diff-heads.js",
        "diff-weights.js", "diff-texts.js", "diff-export.js", "diff.js",
    ];

    /// <summary>Renders a comparison as one page. The same comparison gives the same page, byte for byte.</summary>
    /// <param name="diff">What differs.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="DiffPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The comparison contradicts itself, such as by a head that the models do not
    /// have; or the page would be larger than the options allow.</exception>
    public static HtmlPage Render(CheckpointDiff diff, DiffPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(diff);
        options ??= new();
        DiffCheck.Check(diff);
        var title = DiffWords.TitleOf(diff, options);
        var measures = DiffMeasure.Of(diff);
        return new Page
        {
            Kind = "diff",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "heat.css", "heads.css", "diff.css"],
            Scripts = Scripts,
            Data = Collect(diff, measures, options),
            Body = html => new DiffMarkup(diff, measures, options, title).Write(html),
        }.ToHtml();
    }

    /// <summary>Checks the size of a page before two models run: whether weights, heads and positions alone make it too
    /// large.</summary>
    /// <param name="outline">The comparison without its numbers: <see cref="CheckpointDiffer.Outline"/>. It has zeros
    /// in their place, which take the fewest bytes, so the page of the result is larger.</param>
    /// <param name="options">The largest size. Default: that of a new <see cref="DiffPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The outline contradicts itself; or the page would be larger than the options
    /// allow.</exception>
    public static void CheckSize(CheckpointDiff outline, DiffPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(outline);
        options ??= new();
        DiffCheck.Check(outline);
        Collect(outline, DiffMeasure.Of(outline), options, ", before any of them is known");
    }

    static ImmutableArray<DataBlock> Collect(
        CheckpointDiff diff,
        ImmutableArray<DiffMeasure> measures,
        DiffPageOptions options,
        string when = "") => PageLimit.Collect(
            new DiffBlocks(diff, measures, options).All(), options.MaxBytes, (
                $"{CountText.Of(diff.Weights.Length, "weight")}, {CountText.Of(measures.Length, "number")} of each "
                + $"head and {CountText.Of(diff.Texts?.PositionCount ?? 0, "position")} of texts{when}",
                "Run fewer or shorter texts"),
            when.Length > 0 ? ToldSize.AtLeast : ToldSize.Whole);

    /// <summary>Draws one number of all heads, and the change of all weights, as a static figure.</summary>
    /// <param name="diff">What differs.</param>
    /// <param name="measureId">The number of the heads: <c>js</c>, <c>moved</c>, a part of the weights such as
    /// <c>query</c>, or <c>score-</c> and the id of a score. Default: null, that with which the page
    /// opens, the first one that is not 0 of all heads.</param>
    /// <param name="options">The title and the theme; without a theme, the figure is light. Default: those of a new
    /// <see cref="DiffPageOptions"/>.</param>
    /// <exception cref="ArgumentException">The comparison contradicts itself, or has no such number.</exception>
    public static string ToSvg(CheckpointDiff diff, string? measureId = null, DiffPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(diff);
        DiffCheck.Check(diff);
        return new DiffFigure(diff, options ?? new()).ToSvg(measureId);
    }
}

/// <summary>What a page of two checkpoints shows beside what differs; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is the names of the models.</remarks>
public sealed record DiffPageOptions : PageOptions;
