using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>One number of all heads and the change of all weights as a static figure.</summary>
sealed class DiffFigure(CheckpointDiff diff, DiffPageOptions options)
{
    // In pixels, between the two matrices.
    const double Gap = 24;

    public string ToSvg(string? measureId)
    {
        var measures = DiffMeasure.Of(diff);
        var measure = measureId is null
            ? DiffMeasure.Opening(measures)
            : measures.FirstOrDefault(one => one.Id == measureId)
                ?? throw new ArgumentException(
                    $"The comparison has no number '{measureId}' of heads, expected one of "
                    + $"{string.Join(", ", measures.Select(one => one.Id))}.");
        var (figure, left, height) = (new SvgFigure(options.Theme), 0.0, 0.0);
        if (measure is not null)
        {
            (left, height) = Heads(measure).WriteTo(figure, 0, 0);
            left += Gap;
        }

        var (wide, high) = Weights().WriteTo(figure, left, 0);
        return figure.ToSvg(left + wide, Math.Max(height, high), DiffWords.TitleOf(diff, options));
    }

    HeatFigure Heads(DiffMeasure measure)
    {
        var most = measure.Values.Max(value => Math.Abs(value ?? 0));
        return new()
        {
            Title = $"{DiffWords.TitleOf(diff, options)}: {measure.Name}",
            Rows = Numbered(diff.LayerCount),
            Columns = Numbered(diff.HeadCount),
            RowTitle = "Layer",
            ColumnTitle = "Head",
            Shade = (layer, head) => Share(measure.Values[(layer * diff.HeadCount) + head], most),
            IsSigned = measure.IsSigned,
            Ends = measure.IsSigned ? (DiffWords.Number(-most), DiffWords.Number(most)) : ("0", DiffWords.Number(most)),
            Scale = measure.IsSigned ? "B − A" : "",
        };
    }

    HeatFigure Weights()
    {
        var parts = DiffBlocks.PartsOf(diff);
        var changes = diff.Weights.Where(weight => weight.Layer is not null)
            .ToDictionary(weight => (weight.Layer!.Value, weight.Part), weight => weight.Whole.Relative);
        var most = changes.Values.Max() ?? 0;
        return new()
        {
            Title = "Change of weights",
            Rows = Numbered(diff.LayerCount),
            Columns = [.. parts.Select(DiffWords.NameOf)],
            RowTitle = "Layer",
            ColumnTitle = "Weight",
            Shade = (layer, part) => Share(changes.GetValueOrDefault((layer, parts[part])), most),
            Ends = ("0", DiffWords.Number(most)),
            Scale = "‖B − A‖ / ‖A‖",
        };
    }

    static double? Share(double? value, double most) => value / (most == 0 ? 1 : most);

    static ImmutableArray<string> Numbered(int count) =>
        [.. Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];
}
