using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The grid of one prompt as a static figure, the input at the bottom.</summary>
sealed class LensFigure
{
    // In characters.
    const int LongestToken = 18;

    readonly LensView view;
    readonly LensMeasure measure;
    readonly LensPageOptions options;

    public LensFigure(LensView view, LensMeasure measure, LensPageOptions options)
    {
        (this.view, this.measure, this.options) = (view, measure, options);
        if (measure is LensMeasure.Probability or LensMeasure.Rank or LensMeasure.Logit && view.Followed == 0)
            throw new ArgumentException($"No token is followed, but the measure is {measure}; follow one.");
    }

    public string ToSvg()
    {
        var (grid, states) = (view.Prompts[0], view.States.Length);
        var scale = ScaleOf();
        return new HeatFigure
        {
            Title = LensWords.TitleOf(options),
            Rows = [.. view.States.Reverse()],
            Columns = [.. grid.Positions.Select(at => TokenGlyphs.Show(grid.Text[at], LongestToken))],
            RowTitle = "State",
            ColumnTitle = "Token",
            Shade = (row, column) => ShadeOf(grid[states - 1 - row, column]),
            Text = (row, column) => TextOf(grid[states - 1 - row, column]),
            Ends = scale.Ends,
            Scale = scale.Name,
            Facts = ChangeWords.Facts([grid.Run], first: 1),
        }.ToSvg(options.Theme);
    }

    string TextOf(LensState cell) =>
        cell.Top.IsEmpty ? "" : TokenGlyphs.Show(view.Tokens[view.Tokens.Place(cell.Top[0].Id)], LongestToken);

    double? ShadeOf(LensState cell)
    {
        var ranges = view.Ranges;
        LensToken? top = cell.Top.IsEmpty ? null : cell.Top[0];
        LensToken? own = cell.Tokens.IsEmpty ? null : cell.Tokens[0];
        double? shade = measure switch
        {
            LensMeasure.TopProbability => top?.Probability,
            LensMeasure.TopLogit => top is { } token
                ? LensRanges.Place(token.Logit, ranges.TopLogit.Low, ranges.TopLogit.High)
                : null,
            LensMeasure.Probability => own?.Probability,
            LensMeasure.Rank => own is { } token ? ranges.ShadeOfRank(token.Rank) : null,
            LensMeasure.Logit => own is { } token
                ? LensRanges.Place(token.Logit, ranges.Logit.Low, ranges.Logit.High)
                : null,
            LensMeasure.KlDivergence => LensRanges.Place(cell.KlDivergence, 0, ranges.LargestDivergence),
            _ => LensRanges.Place(cell.Entropy, 0, ranges.LargestEntropy),
        };
        return shade is { } number && double.IsFinite(number) ? number : null;
    }

    ((string Low, string High) Ends, string Name) ScaleOf()
    {
        var ranges = view.Ranges;
        var followed = view.Followed > 0 ? LensWords.Followed(view, 0) : "";
        return measure switch
        {
            LensMeasure.TopProbability => (("0", "1"), "probability of the top token"),
            LensMeasure.TopLogit => (Ends(ranges.TopLogit), "logit of the top token"),
            LensMeasure.Probability => (("0", "1"), $"probability of {followed}"),
            LensMeasure.Rank => (
                (ranges.LargestRank.ToString(CultureInfo.InvariantCulture), "1"), $"rank of {followed}, logarithmic"),
            LensMeasure.Logit => (Ends(ranges.Logit), $"logit of {followed}"),
            LensMeasure.KlDivergence => (Ends((0, ranges.LargestDivergence)), "KL(final ‖ state) in nats"),
            _ => (Ends((0, ranges.LargestEntropy)), "entropy in nats"),
        };
    }

    static (string Low, string High) Ends((double Low, double High) range) => (
        range.Low.ToString("0.##", CultureInfo.InvariantCulture),
        range.High.ToString("0.##", CultureInfo.InvariantCulture));
}
