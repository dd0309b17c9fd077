using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws the attention of each head by distance, and beside it the differences of the conditions. All heads
/// have one range.</summary>
sealed class DistancesFigure(AttentionComparison comparison, AblationPageOptions options)
{
    // In pixels.
    const double Gap = 24, Top = 26, Line = 16;

    readonly ImmutableArray<string> places =
        [.. Enumerable.Range(0, comparison.Most + 1).Select(offset => FormattableString.Invariant($"{offset}"))];

    // As on the page.
    readonly ImmutableArray<int> shown = comparison.Conditions.Length <= DistancesMarkup.MostAtOnce
        ? [.. Enumerable.Range(0, comparison.Conditions.Length)]
        : [comparison.MostChanged()];

    public string ToSvg()
    {
        var (figure, title) = (new SvgFigure(options.Theme), AblationWords.TitleOf(options, DistancesWords.Title));
        var most = LineFigure.RangeOf(comparison.Heads.SelectMany(head => AttentionOf(head)), 0).High;
        var changes = LineFigure.RangeOf(comparison.Heads.SelectMany(head => ChangesOf(head)), 0);
        var (width, y) = (figure.Heading(12, 20, title), Top);
        if (shown.Length < comparison.Conditions.Length)
        {
            figure.Text(
                12, y + 12, FormattableString.Invariant(
                    $"Of {comparison.Conditions.Length} conditions, the one under which attention changes most"),
                new(figure.Named("ink-2")));
            y += Line;
        }

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
                HasLegend = head.Head == comparison.Heads[0].Head,
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
        .. shown.Select((place, hue) => FigureLine.Of(NameOf(place), hue, head.Conditions[place].After)),
    ];

    ImmutableArray<FigureLine> ChangesOf(HeadDistances head) =>
    [
        .. shown.Select((place, hue) => FigureLine.Of(NameOf(place), hue, head.Conditions[place].Difference) with
        {
            Spreads =
                [.. head.Conditions[place].Difference.Select(number => FigureLine.Known(number.StandardError))],
        }),
    ];

    string NameOf(int place) => comparison.Conditions[place].ToString();
}
