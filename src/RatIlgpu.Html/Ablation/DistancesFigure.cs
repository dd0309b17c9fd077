using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws the attention of each head by distance, and beside it the differences of the conditions. All heads
/// have one range.</summary>
sealed class DistancesFigure(AttentionComparison comparison, AblationPageOptions options)
{
    // In pixels.
    const double Gap = 24, Top = 26;

    readonly ImmutableArray<string> places =
        [.. Enumerable.Range(0, comparison.Most + 1).Select(offset => FormattableString.Invariant($"{offset}"))];

    public string ToSvg()
    {
        var (figure, title) = (new SvgFigure(options.Theme), AblationWords.TitleOf(options, DistancesWords.Title));
        var most = LineFigure.RangeOf(comparison.Heads.SelectMany(head => AttentionOf(head)), 0).High;
        var changes = LineFigure.RangeOf(comparison.Heads.SelectMany(head => ChangesOf(head)), 0);
        var (width, y) = (figure.Heading(12, 20, title), Top);
        foreach (var head in comparison.Heads)
        {
            var one = new LineFigure
            {
                Title = $"{head.Head}: attention, mean ± standard deviation",
                Lines = AttentionOf(head),
                Places = places,
                Across = "Offset from query",
                Up = "Attention",
                Range = (0, Math.Min(1, most)),
                HasLegend = head.Head == comparison.Heads[^1].Head,
            };
            var (wide, high) = one.WriteTo(figure, 0, y);
            var other = one with
            {
                Title = $"{head.Head}: difference, mean ± standard error",
                Lines = ChangesOf(head),
                Up = "Difference",
                Range = changes,
                Dotted = 0,
                HasLegend = false,
            };
            (width, y) = (Math.Max(width, wide + Gap + other.WriteTo(figure, wide + Gap, y).Width), y + high);
        }

        return figure.ToSvg(width, y + 6, title);
    }

    ImmutableArray<FigureLine> AttentionOf(HeadDistances head) =>
    [
        FigureLine.Of("without a change", -1, head.Before),
        .. head.Conditions.Select((one, place) => FigureLine.Of(NameOf(place), place, one.After)),
    ];

    ImmutableArray<FigureLine> ChangesOf(HeadDistances head) =>
    [
        .. head.Conditions.Select((one, place) => FigureLine.Of(NameOf(place), place, one.Difference) with
        {
            Spreads = [.. one.Difference.Select(number => FigureLine.Known(number.StandardError))],
        }),
    ];

    string NameOf(int place) => comparison.Conditions[place].ToString();
}
