using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Draws the links of heads from the queries of a prompt to its keys as a static figure.</summary>
/// <param name="plan">The heads and the prompts.</param>
/// <param name="title">The heading.</param>
/// <param name="weights">The weighting.</param>
/// <param name="rowsOf">Returns the codes of a head over the first prompt, query by query.</param>
sealed class LinksFigure(
    AttentionPlan plan, string title, AttentionWeights weights, Func<int, IEnumerable<ushort[]>> rowsOf)
{
    // In pixels.
    const double Row = 16, Fan = 180, Gap = 6, Margin = 12, Heading = 34, Caption = 22;

    const int Columns = 3;

    // In characters.
    const int LongestToken = 14;

    // A fainter line could not be told from the ground.
    const double Least = 0.02;

    readonly ImmutableArray<string> tokens =
        [.. plan.Prompts[0].Tokens.Select(token => TokenGlyphs.Show(token, LongestToken))];

    string Weighting => weights == AttentionWeights.Standard ? "" : $" weighted by {AttentionPlan.NameOf(weights)}";

    string Reading => "From each query, left, to its keys, right: a line is as opaque as the probability"
        + $"{Weighting}; below 0.02 there is none.";

    /// <summary>Returns the figure as a file.</summary>
    public string ToSvg(PageTheme theme)
    {
        var figure = new SvgFigure(theme);
        var heading = figure.Heading(Margin, 22, title);
        var label = tokens.Max(SvgFigure.WidthOf);
        var (wide, high) = ((2 * (label + Gap)) + Fan, Caption + (tokens.Length * Row));
        var columns = Math.Min(Columns, plan.Heads.Length);
        foreach (var (place, head) in plan.Heads.Index())
        {
            var left = Margin + (place % columns * (wide + (2 * Margin)));
            var top = Heading + (place / columns * (high + Margin));
            figure.Text(left, top + 14, head.Name, new(figure.Named("ink-2"), IsBold: true));
            figure.Group(left, top + Caption, () => WriteHead(figure, place, label));
        }

        var bottom = Heading + ((plan.Heads.Length + columns - 1) / columns * (high + Margin));
        var width = Math.Max(columns * (wide + (2 * Margin)), heading);
        foreach (var line in FigureText.Lines(Reading.Split(' '), " ", width - (2 * Margin)))
            figure.Text(Margin, bottom += Row, line, new(figure.Named("ink-3")));
        return figure.ToSvg(width, bottom + Margin, title);
    }

    void WriteHead(SvgFigure figure, int head, double label)
    {
        var (from, to) = (label + Gap, label + Gap + Fan);
        foreach (var (query, row) in rowsOf(head).Index())
            foreach (var (key, code) in row.Index())
                if (code / (double)PatternCode.One is >= Least and var value)
                    figure.Path(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"M{from + 2:0.#} {Middle(query):0.#}C{from + (Fan / 2):0.#} {Middle(query):0.#} "
                            + $"{from + (Fan / 2):0.#} {Middle(key):0.#} {to - 2:0.#} {Middle(key):0.#}"),
                        figure.Named("focus"), 1.5,
                        string.Create(CultureInfo.InvariantCulture, $" stroke-opacity=\"{value:0.##}\""));
        var look = new SvgText(figure.Named("ink"), IsMono: true);
        foreach (var (i, token) in tokens.Index())
        {
            figure.Text(label, Middle(i) + 4, token, look with { Anchor = "end" });
            figure.Text(to + Gap, Middle(i) + 4, token, look);
        }
    }

    static double Middle(int token) => (token + 0.5) * Row;
}
