using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Lines of numbers over places as a static figure, with bands of their spread and a legend.</summary>
sealed record LineFigure
{
    // In pixels.
    const double Wide = 420, High = 170, Left = 62, Head = 34, Foot = 40, Gap = 12, LegendLine = 16, Sample = 18;

    const int MostTicks = 5;

    /// <summary>Gets the heading.</summary>
    public required string Title { get; init; }

    /// <summary>Gets the lines.</summary>
    public required ImmutableArray<FigureLine> Lines { get; init; }

    /// <summary>Gets the labels of the places, from the left.</summary>
    public required ImmutableArray<string> Places { get; init; }

    /// <summary>Gets what the places are.</summary>
    public required string Across { get; init; }

    /// <summary>Gets what the numbers are.</summary>
    public required string Up { get; init; }

    /// <summary>Gets a number with a line of its own; null for none.</summary>
    public double? Dotted { get; init; }

    /// <summary>Gets the range of the numbers; what is beyond it is drawn at its end. Null for that of
    /// <see cref="RangeOf"/>.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Gets whether the lines are named below.</summary>
    public bool HasLegend { get; init; } = true;

    /// <summary>Returns the range of all numbers with their spreads, and of some others.</summary>
    public static (double Low, double High) RangeOf(IEnumerable<FigureLine> lines, params IEnumerable<double> others)
    {
        double[] all =
        [
            .. others,
            .. from line in lines
               from run in line.Runs()
               from place in run
               from sign in new[] { -1, 1 }
               select line.Values[place]!.Value + (sign * line.SpreadAt(place)),
        ];
        var (low, high) = all.Length > 0 ? (all.Min(), all.Max()) : (0, 0);
        return high > low ? (low, high) : (low, low + 1);
    }

    /// <summary>Writes the figure as a part of another one, and returns its size.</summary>
    public (double Width, double Height) WriteTo(SvgFigure figure, double x, double y)
    {
        var (low, high) = Range ?? RangeOf(Lines, 0, Dotted ?? 0);
        var (left, top, bottom) = (x + Left, y + Head, y + Head + High);
        double At(int place) => Places.Length > 1 ? left + (Wide * place / (Places.Length - 1)) : left + (Wide / 2);
        double Of(double value) => bottom - (High * (Math.Clamp(value, low, high) - low) / (high - low));
        var heading = figure.Heading(x + Gap, y + 18, Title);
        WriteAxes(figure, (left, top, bottom), (low, high), At, Of);
        if (Dotted is { } dotted)
            figure.Path(Move(left, Of(dotted)) + Line(left + Wide, Of(dotted)), figure.Named("ink-3"), 1.5,
                " stroke-dasharray=\"1 4\" stroke-linecap=\"round\"");
        foreach (var line in Lines)
            foreach (var run in line.Runs().Where(_ => line.Spreads is not null))
                figure.Area(
                    Polygon([
                        .. run.Select(place => (At(place), Of(line.Values[place]!.Value + line.SpreadAt(place)))),
                        .. run.Reverse().Select(place =>
                            (At(place), Of(line.Values[place]!.Value - line.SpreadAt(place)))),
                    ]),
                    line.ColourIn(figure), 0.18);
        foreach (var line in Lines.Reverse())
            foreach (var run in line.Runs())
                figure.Path(
                    Open([.. run.Select(place => (At(place), Of(line.Values[place]!.Value)))]), line.ColourIn(figure),
                    line.Width, line.Dash);
        var end = WriteLegend(figure, x + Gap, bottom + Foot);
        return (Math.Max(Left + Wide + Gap, heading - x), end - y);
    }

    void WriteAxes(
        SvgFigure figure,
        (double Left, double Top, double Bottom) box,
        (double Low, double High) range,
        Func<int, double> at,
        Func<double, double> of)
    {
        var ink = new SvgText(figure.Named("ink-3"));
        foreach (var (value, text) in RoundTicks.Of(range.Low, range.High, MostTicks))
        {
            figure.Path(
                Move(box.Left, of(value)) + Line(box.Left + Wide, of(value)),
                figure.Named(value == 0 ? "line-2" : "line"), 1);
            figure.Text(box.Left - 6, of(value) + 4, text, ink with { Anchor = "end" });
        }

        var widest = Places.Select(SvgFigure.WidthOf).DefaultIfEmpty().Max() + 8;
        var every = Math.Max(1, (int)Math.Ceiling(widest * Places.Length / Wide));
        for (var place = 0; place < Places.Length; place += every)
            figure.Text(at(place), box.Bottom + 15, Places[place], ink with { Anchor = "middle" });
        var name = new SvgText(figure.Named("ink-2"), Anchor: "middle");
        figure.Text(box.Left + (Wide / 2), box.Bottom + 31, Across, name);
        figure.Text(box.Left - Left + 16, (box.Top + box.Bottom) / 2, Up, name with { IsUpright = true });
    }

    double WriteLegend(SvgFigure figure, double x, double y)
    {
        if (!HasLegend)
            return y;
        foreach (var line in Lines)
        {
            figure.Path(Move(x, y + 6) + Line(x + Sample, y + 6), line.ColourIn(figure), line.Width, line.Dash);
            figure.Text(
                x + Sample + 6, y + 10, FigureText.Clip(line.Name, Left + Wide - Sample),
                new(figure.Named("ink-2")));
            y += LegendLine;
        }

        return y + 6;
    }

    static string Move(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"M{x:0.##} {y:0.##}");

    static string Line(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"L{x:0.##} {y:0.##}");

    // A number alone would have no line.
    static string Open(ImmutableArray<(double X, double Y)> points) =>
        Move(points[0].X, points[0].Y)
        + (points.Length == 1 ? "h.01" : string.Concat(points.Skip(1).Select(point => Line(point.X, point.Y))));

    static string Polygon(ImmutableArray<(double X, double Y)> points) => Open(points) + "Z";
}

/// <summary>A line of a figure.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Hue">The hue, from 0; −1 for grey.</param>
/// <param name="Values">The number of each place; null where there is none.</param>
/// <param name="Spreads">The half height of the band at each place; null for no band.</param>
sealed record FigureLine(
    string Name, int Hue, ImmutableArray<double?> Values, ImmutableArray<double?>? Spreads = null)
{
    static readonly ImmutableArray<string> Dashes = ["", "6 3", "2 3"];

    /// <summary>Gets the dashes as an attribute: hues repeat after the last.</summary>
    public string Dash => (Hue < 0 ? "3 3" : Dashes[Hue / Palette.Paths.Length % Dashes.Length]) is { Length: > 0 } dash
        ? $" stroke-dasharray=\"{dash}\""
        : "";

    /// <summary>Gets the width, in pixels.</summary>
    public double Width => Hue < 0 ? 1.5 : 2;

    /// <summary>Returns the colour.</summary>
    public string ColourIn(SvgFigure figure) =>
        Hue < 0 ? figure.Named("ink-3") : figure.Of(Palette.Paths[Hue % Palette.Paths.Length]);

    /// <summary>Returns the half height of the band at a place; 0 where there is none.</summary>
    public double SpreadAt(int place) =>
        Spreads is { } all && all[place] is { } spread && double.IsFinite(spread) ? spread : 0;

    /// <summary>Returns the places between those that have no number.</summary>
    public IEnumerable<ImmutableArray<int>> Runs()
    {
        var run = ImmutableArray.CreateBuilder<int>();
        for (var place = 0; place <= Values.Length; place++)
            if (place < Values.Length && Values[place] is not null)
                run.Add(place);
            else if (run.Count > 0)
                yield return run.DrainToImmutable();
    }

    /// <summary>Returns a line of means with bands of their spread.</summary>
    public static FigureLine Of(string name, int hue, IEnumerable<MeanAndSpread> numbers) => new(
        name, hue, [.. numbers.Select(number => Known(number.Mean))],
        [.. numbers.Select(number => Known(number.Spread))]);

    /// <summary>Returns a number that is not there as null.</summary>
    public static double? Known(double number) => double.IsFinite(number) ? number : null;
}
