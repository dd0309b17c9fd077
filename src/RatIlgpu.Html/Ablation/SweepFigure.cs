using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws the curves of an offset sweep in the layer of its heads.</summary>
static class SweepFigure
{
    public static string ToSvg(OffsetSweep sweep, AblationPageOptions options)
    {
        var (figure, layer) = (new SvgFigure(options.Theme), sweep.Layers[0]);
        var title = AblationWords.TitleOf(options, RedundancyWords.TitleOf(sweep));
        var (width, height) = new LineFigure
        {
            Title = title,
            Lines =
            [
                FigureLine.Of("values alone", 0, layer.Points.Select(point => point.Values.Projection)),
                FigureLine.Of(
                    $"values and {sweep.Removed}", 1, layer.Points.Select(point => point.Both.Projection)),
                new("difference", 2, [.. layer.Points.Select(point => point.Difference)]),
                new(
                    $"{sweep.Removed} alone", -1,
                    [.. layer.Points.Select(_ => FigureLine.Known(layer.HeadsAlone.Projection.Mean))]),
            ],
            Places = [.. layer.Points.Select(point => FormattableString.Invariant($"{point.Offset}"))],
            Across = "Distance o of the values, in tokens",
            Up = FormattableString.Invariant($"NIP in layer {layer.Layer}"),
            Dotted = 1,
        }.WriteTo(figure, 0, 0);
        return figure.ToSvg(width, height, title);
    }
}
