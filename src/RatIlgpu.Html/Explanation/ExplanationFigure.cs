using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>One explanation as a static figure: the largest parts of the key and of the query as bars, and their pairs
/// as a matrix.</summary>
sealed class ExplanationFigure(ExplanationViews views, ExplanationPageOptions options, string title)
{
    // In parts. A figure of a paper has no more.
    const int MostBars = 12, MostCells = 40;

    // In pixels.
    const double Top = 78, Line = 18, Gap = 30, LeastWidth = 640;

    ScoreAttribution View => views.Opening;

    public string ToSvg()
    {
        var figure = new SvgFigure(options.Theme);
        var muted = new SvgText(figure.Named("ink-2"));
        string[] lines =
        [
            ExplanationWords.Link(View, views) + string.Create(
                CultureInfo.InvariantCulture, $": score {View.Score:F4}, attention {View.Attention:F4}"),
            $"reading {ExplanationWords.Name(View.Options.Reading)}: {ExplanationWords.Sum(View, views)}",
            ExplanationWords.Balance(View),
        ];
        var width = figure.Heading(12, 22, title);
        foreach (var (place, line) in lines.Index())
        {
            figure.Text(12, 42 + (place * Line), line, muted);
            width = Math.Max(width, 12 + SvgFigure.WidthOf(line));
        }

        var notices = new FigureColumn(figure, 12, Math.Max(width + 12, LeastWidth)) { At = Top };
        notices.WriteFacts(ExplanationWords.Changes(views));
        notices.WriteNotices([.. options.Notices, .. ExplanationWords.Notices(View)]);
        var height = notices.At + Line;
        Write("Part of the key, and the attention without it at this key alone", KeyBars());
        Write("Part of the query", Bars(View.QueryParts, View.ByQueryPart, _ => ""));
        var (wide, high) = Matrix().WriteTo(figure, 0, height);
        return figure.ToSvg(Math.Max(Math.Max(width + 12, LeastWidth), wide), height + high, title);

        void Write(string heading, ImmutableArray<FigureBar> bars)
        {
            figure.Heading(12, height + 12, heading);
            var (barsWidth, barsHeight) = new BarFigure { Bars = bars }.WriteTo(figure, height + Gap - 6);
            (width, height) = (Math.Max(width, barsWidth), height + Gap + barsHeight);
        }
    }

    ImmutableArray<FigureBar> KeyBars() => Bars(
        View.KeyParts, View.ByKeyPart, place => $" ({ExplanationWords.Number(View.AttentionWithout[place])})");

    // The largest, then the sum of the others.
    ImmutableArray<FigureBar> Bars(
        ValueArray<ResidualTerm> parts, ValueArray<double> sums, Func<int, string> note)
    {
        var largest = Largest(sums, MostBars);
        var rest = sums.Sum() - largest.Sum(place => sums[place]);
        return
        [
            .. largest.Select(place => new FigureBar(
                Label(parts[place]), sums[place],
                TraceWords.Signed(sums[place]) + note(place))),
            .. sums.Length > largest.Length
                ? [new FigureBar($"{sums.Length - largest.Length} more", rest, TraceWords.Signed(rest))]
                : Array.Empty<FigureBar>(),
        ];
    }

    HeatFigure Matrix()
    {
        var (rows, columns) = (Largest(View.ByQueryPart, MostCells), Largest(View.ByKeyPart, MostCells));
        var most = View.Pairs.Max(Math.Abs);
        var end = most.ToString("F2", CultureInfo.InvariantCulture);
        var left = View.Pairs.Length - (rows.Length * columns.Length);
        return new()
        {
            Title = "What pairs of parts add",
            Rows = [.. rows.Select(place => Label(View.QueryParts[place]))],
            Columns = [.. columns.Select(place => Label(View.KeyParts[place]))],
            RowTitle = "part of the query",
            ColumnTitle = "part of the key",
            Shade = (row, column) => most > 0 ? View[rows[row], columns[column]] / most : 0,
            IsSigned = true,
            Ends = ($"−{end}", $"+{end}"),
            Scale = left == 0 ? "of the score"
                : left == 1 ? "of the score; a pair of smaller parts is not shown"
                : string.Create(
                    CultureInfo.InvariantCulture, $"of the score; {left} pairs of smaller parts are not shown"),
        };
    }

    // A label has no text beside it that its direction could change.
    string Label(ResidualTerm part) => ExplanationWords.Part(part, View, views)
        .Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal);

    static int[] Largest(ValueArray<double> sums, int count) =>
        [.. Enumerable.Range(0, sums.Length).OrderBy(place => -Math.Abs(sums[place])).Take(count)];
}
