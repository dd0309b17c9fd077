using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Attributions as a static figure: the components as signed bars, below them what they read from each token.
/// Of several views the bars are means, with their spread, and there is no matrix.</summary>
sealed class AttributionFigure(AttributionViews views, AttributionPageOptions options, string title)
{
    // In rows. A figure of a paper has no more.
    const int MostBars = 30, MostRows = 60;

    // In pixels.
    const double Head = 62;

    public string ToSvg()
    {
        var figure = new SvgFigure(options.Theme);
        var heading = figure.Heading(12, 22, title);
        figure.Text(12, 42, Heading(), new(figure.Named("ink-2")));
        var (width, height) = new BarFigure { Bars = [.. Rows().Select(BarOf)] }.WriteTo(figure, Head);
        height += Head;
        if (views is { HasSeveral: false, Sources: { } sources })
        {
            var (wide, high) = Matrix(sources).WriteTo(figure, 0, height);
            (width, height) = (Math.Max(width, wide), height + high);
        }

        width = Math.Max(Math.Max(width, heading + 12), 24 + SvgFigure.WidthOf(Heading()));
        height = FigureColumn.WriteFoot(figure, (width, height), AttributionWords.Changes(views));
        return figure.ToSvg(width, height, title);
    }

    string Heading() => views.HasSeveral
        ? FormattableString.Invariant($"mean of {views.Views.Length} logits ± sample standard deviation")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{AttributionWords.Target(views.Views[0].Target, views.TextOf)}, position {views.Views[0].Position}: "
            + $"{views.Views[0].Measured:F4}");

    // The shown rows, the largest first, or in the order of the model where rows contain each other; then the sum of
    // the others, and rounding.
    ImmutableArray<Bar> Rows()
    {
        var unit = views.Units[0];
        MeanAndSpread[] numbers = [.. views.HasSeveral ? unit.Means() : unit.NumbersOf(0).Select(Alone)];
        var rows = unit.Terms.Select((term, row) => new Bar(term.Label, numbers[row], Before(row))).ToList();
        if (unit.IsCumulative)
            return [.. rows];
        var largest = rows.OrderBy(row => -Math.Abs(row.Value.Mean)).ToList();
        var count = Math.Min(options.Top ?? MostBars, MostBars);
        var hidden = Math.Max(0, rows.Count - count) + unit.LeftOut;
        var rest = largest.Skip(count).Sum(row => row.Value.Mean) + numbers[^2].Mean;
        return
        [
            .. largest.Take(count),
            .. hidden > 0
                ? [new Bar(string.Create(CultureInfo.InvariantCulture, $"unaccounted ({hidden})"), Alone(rest), 0)]
                : Array.Empty<Bar>(),
            new("rounding", numbers[^1], 0),
        ];

        double Before(int row) => unit.IsCumulative && row > 0 ? numbers[row - 1].Mean : 0;

        static MeanAndSpread Alone(double value) => new(value, double.NaN, 1);
    }

    static FigureBar BarOf(Bar row)
    {
        var spread = row.Spread > 0 ? $" ± {row.Spread.ToString("F3", CultureInfo.InvariantCulture)}" : "";
        return new(row.Label, row.Value.Mean, TraceWords.Signed(row.Value.Mean) + spread)
        {
            From = row.Before,
            Spread = row.Spread,
        };
    }

    HeatFigure Matrix(SourceMatrix sources)
    {
        var (cells, keys) = (sources.CellsOf(0), sources.KeysOf(0));
        int[] rows =
        [
            .. Enumerable.Range(0, sources.Heads.Length)
                .OrderBy(row => -Math.Abs(cells.AsSpan(row * keys, keys).ToArray().Sum()))
                .Take(MostRows),
        ];
        var most = sources.Most > 0 ? sources.Most : 1;
        var end = most.ToString("F2", CultureInfo.InvariantCulture);
        var left = sources.Heads.Length + sources.LeftOut - rows.Length;
        return new()
        {
            Title = "What heads read from each token",
            Rows = [.. rows.Select(row => sources.Heads[row].ToString())],
            Columns = [.. views.TokensOf(views.Views[0]).Take(keys).Select((token, at) =>
                string.Create(CultureInfo.InvariantCulture, $"{TokenGlyphs.Show(token, 14)} {at}"))],
            RowTitle = "head",
            ColumnTitle = "token read",
            Shade = (row, column) => cells[(rows[row] * keys) + column] / most,
            IsSigned = true,
            Ends = ($"−{end}", $"+{end}"),
            Scale = left == 0 ? "logits"
                : left == 1 ? "logits; a head that reads less is not shown"
                : string.Create(CultureInfo.InvariantCulture, $"logits; {left} heads that read less are not shown"),
        };
    }

    /// <summary>A bar, from the row before it, where rows contain each other, or from 0.</summary>
    readonly record struct Bar(string Label, MeanAndSpread Value, double Before)
    {
        public double Spread => double.IsNaN(Value.Spread) ? 0 : Value.Spread;
    }
}
