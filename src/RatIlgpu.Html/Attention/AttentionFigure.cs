using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws the heads of a prompt as a static figure.</summary>
/// <param name="plan">The heads and the prompts.</param>
/// <param name="title">The heading.</param>
/// <param name="weights">The weighting.</param>
/// <param name="rowsOf">Returns the codes of a head over the first prompt, query by query.</param>
sealed class AttentionFigure(
    AttentionPlan plan, string title, AttentionWeights weights, Func<int, IEnumerable<ushort[]>> rowsOf)
{
    // In pixels.
    const int Side = 128, Gap = 16, Caption = 20, Margin = 12, Heading = 34, Legend = 30;

    const int Columns = 6;

    // More shades are not told apart in a small picture.
    const int Shades = 51;

    // In characters.
    const int LongestName = 18;

    readonly PlannedPrompt prompt = plan.Prompts[0];

    string Scale => weights == AttentionWeights.Standard
        ? "attention, square-root scale"
        : $"attention, weighted by {AttentionPlan.NameOf(weights)}, square-root scale";

    ImmutableArray<(string Name, string Value)> Changes => ChangeWords.Facts(plan.Runs.Take(1), first: 0);

    public string ToSvg(PageTheme theme) => plan.Heads.Length == 1 ? One(theme) : Several(theme);

    string One(PageTheme theme)
    {
        var map = MapOf(0, HeatFigure.MostCells, out var blocks);
        var size = prompt.Tokens.Length;
        ImmutableArray<string> labels =
        [
            .. prompt.Tokens.Select((token, i) => string.Create(
                CultureInfo.InvariantCulture, $"{TokenGlyphs.Show(token, LongestName - 6)} {i}")),
        ];
        return new HeatFigure
        {
            Title = $"{title}: {plan.Heads[0].Name}",
            Rows = labels,
            Columns = labels,
            RowTitle = "query",
            ColumnTitle = "key",
            Shade = (query, key) => !prompt.Shows(query, key)
                ? null
                : ShadeOf(map[blocks.StartOf(PooledPattern.BlockOf(query, blocks.Tokens, size))
                    + PooledPattern.BlockOf(key, blocks.Tokens, size)]),
            Ends = ("0", "1"),
            Scale = Scale,
            Facts = Changes,
        }.ToSvg(theme);
    }

    string Several(PageTheme theme)
    {
        var figure = new SvgFigure(theme);
        var ink = figure.Named("ink");
        var heading = figure.Heading(Margin, 22, title);
        var columns = Math.Min(Columns, plan.Heads.Length);
        foreach (var (place, head) in plan.Heads.Index())
        {
            var left = Margin + (place % columns * (Side + Gap));
            var top = Heading + (place / columns * (Side + Caption + Gap));
            WriteThumbnail(figure, place, left, top + Caption);
            figure.Text(left, top + 13, TokenGlyphs.Line(head.Name, LongestName), new(ink));
        }

        var rows = (plan.Heads.Length + columns - 1) / columns;
        var bottom = Heading + (rows * (Side + Caption + Gap)) - Gap;
        var right = HeatFigure.WriteLegend(figure, Margin, bottom, isSigned: false, ("0", "1"), Scale);
        var width = Math.Max((2 * Margin) + (columns * (Side + Gap)) - Gap, right + Margin);
        width = Math.Max(width, heading);
        var height = FigureColumn.WriteFoot(figure, (width, bottom + Legend + 6), Changes);
        return figure.ToSvg(width, height, title);
    }

    // Cells of one shade are one path, whose lines are as wide as a row is high: a rectangle for each would take seven
    // times the space.
    void WriteThumbnail(SvgFigure figure, int head, double left, double top)
    {
        var map = MapOf(head, Side, out var blocks);
        var step = (double)Side / blocks.Tokens;
        var lines = new SortedDictionary<int, StringBuilder>();
        for (var row = 0; row < blocks.Tokens; row++)
            for (int start = 0, end; start < blocks.LengthOf(row); start = end)
            {
                var shades = map.AsSpan(blocks.StartOf(row), blocks.LengthOf(row));
                var shade = Step(shades[start]);
                for (end = start + 1; end < shades.Length && Step(shades[end]) == shade;)
                    end++;
                lines.TryAdd(shade, new());
                lines[shade].Append(
                    CultureInfo.InvariantCulture,
                    $"M{left + (start * step):0.##} {top + ((row + 0.5) * step):0.##}h{(end - start) * step:0.##}");
            }

        figure.Rect(left, top, Side, Side, figure.Named("surface-2"));
        foreach (var (shade, line) in lines)
            figure.Path(
                line.ToString(), HeatFigure.ColourAt(figure, shade / (double)Shades, isSigned: false), step,
                " shape-rendering=\"crispEdges\"");
    }

    static int Step(ushort code) => PatternCode.RootOf(code) * Shades / byte.MaxValue;

    ushort[] MapOf(int head, int side, out PatternShape blocks)
    {
        var map = new PatternMap(prompt.Shape, new(side, 0));
        foreach (var (query, row) in rowsOf(head).Index())
            map.Add(query, row);
        blocks = map.Blocks;
        return map.Codes;
    }

    static double ShadeOf(ushort code) => Math.Sqrt(code / (double)PatternCode.One);
}
