using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws the comparisons of a redundancy test in the layer of its heads as bars.</summary>
sealed class RedundancyFigure
{
    // In pixels.
    const double Left = 12, Top = 66, BarHeight = 38, BarWidth = 460, Name = 12, BarTop = 17, BarSize = 12;

    readonly SvgFigure figure;
    readonly string title;
    readonly ImmutableArray<RedundancyComparison> rows;
    readonly (double Low, double High) range;

    public RedundancyFigure(RedundancyReport report, AblationPageOptions options)
    {
        (figure, title) = (new(options.Theme), AblationWords.TitleOf(options, RedundancyWords.TitleOf(report)));
        var layer = report.Comparisons.Min(one => one.Layer);
        rows = [.. report.Comparisons.Where(one => one.Layer == layer)];
        range = LineFigure.RangeOf([FigureLine.Of("", 0, rows.Select(one => one.Projection))], 0, 1);
    }

    public string ToSvg()
    {
        var heading = figure.Heading(Left, 20, title);
        figure.Text(
            Left, 38, FormattableString.Invariant($"NIP of what layer {rows[0].Layer} writes at t, of two runs"),
            new(figure.Named("ink-2")));
        foreach (var (value, text) in RoundTicks.Of(range.Low, range.High, 5))
            figure.Text(At(value), Top - 10, text, new(figure.Named("ink-3"), Anchor: "middle"));
        foreach (var (place, one) in rows.Index())
            WriteBar(one, Top + (place * BarHeight));
        return figure.ToSvg(
            Math.Max((2 * Left) + BarWidth, heading), Top + (rows.Length * BarHeight) + 8, title);
    }

    // The lines of numbers lie beside the bar alone, so that none crosses its name.
    void WriteBar(RedundancyComparison one, double top)
    {
        var ink = new SvgText(figure.Named("ink"));
        figure.Text(Left, top + Name, one.Name, ink);
        figure.Text(Left + BarWidth, top + Name, AblationWords.Spread(one.Projection), ink with { Anchor = "end" });
        foreach (var (value, _) in RoundTicks.Of(range.Low, range.High, 5))
            figure.Path(Upright(At(value), top), figure.Named(value == 0 ? "line-2" : "line"), 1);
        figure.Path(
            Upright(At(1), top), figure.Named("ink-3"), 1.5, " stroke-dasharray=\"1 4\" stroke-linecap=\"round\"");
        if (FigureLine.Known(one.Projection.Mean) is not { } mean)
            return;
        // Two runs without the heads have a colour of their own.
        var isAfter = one.Pair is RedundancyPair.ValuesAfterHeads or RedundancyPair.OwnValuesAfterHeads;
        figure.Rect(
            Math.Min(At(0), At(mean)), top + BarTop, Math.Abs(At(mean) - At(0)), BarSize,
            figure.Of(Palette.Paths[isAfter ? 1 : 0]));
        if (FigureLine.Known(one.Projection.Spread) is { } spread)
            figure.Path(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"M{At(mean - spread):0.##} {top + BarTop + (BarSize / 2):0.##}H{At(mean + spread):0.##}"),
                figure.Named("ink"), 1.5);
    }

    double At(double value) => Left + (BarWidth * (value - range.Low) / (range.High - range.Low));

    static string Upright(double x, double top) => string.Create(
        CultureInfo.InvariantCulture, $"M{x:0.##} {top + BarTop - 2:0.##}V{top + BarTop + BarSize + 2:0.##}");
}
