using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws a study of ablation as a static figure: what is left of the output of attention in each layer, and
/// beside it the divergence of the predictions, by condition.</summary>
sealed class AblationFigure(AblationReport report, AblationPageOptions options)
{
    // In pixels.
    const double Gap = 24;

    readonly int first = report.Conditions.Min(effect => effect.Condition.Layer);
    readonly ImmutableArray<string> names = [.. report.Conditions.Select(effect => effect.Condition.ShortName)];

    public string ToSvg()
    {
        var (figure, title) = (new SvgFigure(options.Theme), AblationWords.TitleOf(options, "Ablation"));
        var (outputs, divergences) = (Outputs(title), Divergences());
        // Labels of columns stand upright above the rows, which are to lie at one height.
        var lower = SvgFigure.WidthOf(outputs.Columns[^1]) - SvgFigure.WidthOf(divergences.Columns[^1]);
        var (width, height) = outputs.WriteTo(figure, 0, Math.Max(0, -lower));
        var (wide, high) = divergences.WriteTo(figure, width + Gap, Math.Max(0, lower));
        return figure.ToSvg(width + Gap + wide, Math.Max(height, high) + Math.Abs(lower), title);
    }

    HeatFigure Outputs(string title)
    {
        var layers = report.Conditions.Max(effect => effect.Condition.Layer + effect.Layers.Length) - first;
        var most = Math.Max(1e-9, report.Conditions.SelectMany(effect => effect.Layers)
            .Select(layer => Math.Abs(layer.Projection.Mean - 1)).Where(double.IsFinite).DefaultIfEmpty(0).Max());
        return new()
        {
            Title = title,
            Rows = names,
            Columns = [.. Enumerable.Range(first, layers).Select(layer => FormattableString.Invariant($"{layer}"))],
            RowTitle = "Condition",
            ColumnTitle = "Layer",
            Shade = (row, column) => Mean(row, column) is { } mean ? (mean - 1) / most : null,
            Text = (row, column) => Mean(row, column) is { } mean ? AblationWords.Number(mean) : "",
            IsSigned = true,
            Ends = (AblationWords.Number(1 - most), AblationWords.Number(1 + most)),
            Scale = report.Options.Everywhere
                ? "NIP as a mean over all positions; 1 is no change"
                : "NIP at the changed position; 1 is no change",
        };
    }

    HeatFigure Divergences()
    {
        var most = Math.Max(1e-9, report.Conditions.Max(effect => effect.Divergence.Mean));
        return new()
        {
            Title = "",
            Rows = names,
            Columns = ["KL"],
            RowTitle = "",
            ColumnTitle = "",
            Shade = (row, _) => Math.Sqrt(Math.Max(0, report.Conditions[row].Divergence.Mean) / most),
            Text = (row, _) => AblationWords.Digits(report.Conditions[row].Divergence.Mean),
            Ends = ("0", AblationWords.Digits(most)),
            Scale = "KL, nats, square-root scale",
        };
    }

    // Null before the layer of a condition, and where an output is zero.
    double? Mean(int row, int column)
    {
        var effect = report.Conditions[row];
        var place = column + first - effect.Condition.Layer;
        return place >= 0 && place < effect.Layers.Length
            ? FigureLine.Known(effect.Layers[place].Projection.Mean)
            : null;
    }
}
