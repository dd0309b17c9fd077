namespace RatIlgpu.Html;

/// <summary>A small drawing between two axes, as a part of a page: places are in pixels, colours are those of the
/// styles.</summary>
/// <param name="title">The heading.</param>
/// <param name="across">The axis from left to right.</param>
/// <param name="up">The axis from below.</param>
sealed class Chart(string title, ChartAxis across, ChartAxis up)
{
    const double Wide = 300, High = 208, Left = 50, Right = 290, Top = 22, Bottom = 162;

    readonly List<Action<HtmlWriter>> marks = [];

    /// <summary>Adds a dot with a name that is shown while the pointer is on it.</summary>
    public Chart Dot(double x, double y, string name, string kind = "dot")
    {
        if (across.Has(x) && up.Has(y))
            marks.Add(html => html.Write(
                $"<circle class=\"{kind}\" cx=\"{X(x)}\" cy=\"{Y(y)}\" r=\"3\"><title>{name}</title></circle>\n"));
        return this;
    }

    /// <summary>Adds many small dots without names, as one mark.</summary>
    public Chart Dots(IEnumerable<(double X, double Y)> places, string kind = "dots")
    {
        var data = string.Concat(places.Where(one => across.Has(one.X) && up.Has(one.Y)).Select(one =>
            $"M{X(one.X)} {Y(one.Y)}h0"));
        return Path(data, kind, "");
    }

    /// <summary>Adds a line through places, in their order.</summary>
    public Chart Line(IEnumerable<(double X, double Y)> places, string kind, string name = "") =>
        Path(DataOf(places), kind, name);

    /// <summary>Adds lines without names, as one mark.</summary>
    public Chart Lines(IEnumerable<IEnumerable<(double X, double Y)>> lines, string kind) =>
        Path(string.Concat(lines.Select(DataOf)), kind, "");

    /// <summary>Adds a bar from 0 to a number, around a place of the axis from left to right.</summary>
    public Chart Bar(double x, double width, double y, string name, string kind)
    {
        var (top, low) = (up.Place(Math.Max(y, 0)), up.Place(Math.Min(y, 0)));
        var (from, to) = (across.Place(x - (width / 2)), across.Place(x + (width / 2)));
        var extent = Bottom - Top;
        marks.Add(html => html.Write($"""
            <rect class="{kind}" x="{Text(Left + (from * (Right - Left)))}" y="{Text(Bottom - (top * extent))}"
             width="{Text((to - from) * (Right - Left))}" height="{Text((top - low) * extent)}"
            ><title>{name}</title></rect>

            """));
        return this;
    }

    /// <summary>Adds a dashed line across at a number.</summary>
    public Chart Level(double y) => Path($"M{Text(Left)} {Y(y)}H{Text(Right)}", "level", "");

    /// <summary>Adds a dashed line from below at a number.</summary>
    public Chart Border(double x) => Path($"M{X(x)} {Text(Top)}V{Text(Bottom)}", "level", "");

    /// <summary>Writes the drawing.</summary>
    public void Write(HtmlWriter html)
    {
        html.Write($"""
            <svg class="chart" viewBox="0 0 {Text(Wide)} {Text(High)}" role="img" aria-label="{title}">
            <text class="head" x="{Text(Left)}" y="13">{title}</text>

            """);
        foreach (var (value, text) in up.Ticks(5))
            html.Write($"""
                <path class="rule" d="M{Text(Left)} {Y(value)}H{Text(Right)}"/>
                <text class="end" x="{Text(Left - 5)}" y="{Text(PlaceUp(value) + 4)}">{text}</text>

                """);
        foreach (var (place, (value, text)) in across.Ticks(6).Index())
            html.Write($"""
                <path class="rule" d="M{X(value)} {Text(Top)}V{Text(Bottom)}"/>
                <text class="middle" x="{X(value)}" y="{Text(Bottom + (place % 2 * NameStep) + 14)}">{text}</text>

                """);
        var (middle, centre) = ((Left + Right) / 2, (Top + Bottom) / 2);
        html.Write($"""
            <text class="axis middle" x="{Text(middle)}" y="{Text(High - 5)}">{across.Name}</text>
            <text class="axis middle" x="11" y="{Text(centre)}"
             transform="rotate(-90 11 {Text(centre)})">{up.Name}</text>

            """);
        foreach (var mark in marks)
            mark(html);
        html.Write($"</svg>\n");
    }

    Chart Path(string data, string kind, string name)
    {
        if (data.Length > 0)
            marks.Add(html => html.Write($"<path class=\"{kind}\" d=\"{data}\"><title>{name}</title></path>\n"));
        return this;
    }

    string DataOf(IEnumerable<(double X, double Y)> places) => string.Concat(
        places.Where(one => across.Has(one.X) && up.Has(one.Y)).Select((one, place) =>
            $"{(place == 0 ? 'M' : 'L')}{X(one.X)} {Y(one.Y)}"));

    // Names side by side would meet: every second one stands lower.
    double NameStep => across.Names.IsEmpty ? 0 : 10;

    string X(double value) => Text(Left + (across.Place(value) * (Right - Left)));

    string Y(double value) => Text(PlaceUp(value));

    double PlaceUp(double value) => Bottom - (up.Place(value) * (Bottom - Top));

    static string Text(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>An axis of a drawing.</summary>
/// <param name="Name">What the numbers are.</param>
/// <param name="Low">The smallest number.</param>
/// <param name="High">The largest number, above the smallest.</param>
/// <param name="IsLogarithmic">Whether equal distances are equal factors; numbers are above 0 then.</param>
sealed record ChartAxis(string Name, double Low, double High, bool IsLogarithmic = false)
{
    // As many powers of ten as are told apart.
    const double LeastShare = 1e-6;

    /// <summary>Gets the names of the units from 0 on, which stand in their middle in place of numbers; empty for
    /// numbers.</summary>
    public ValueArray<string> Names { get; init; } = [];

    /// <summary>Returns an axis for numbers, which has 0.</summary>
    public static ChartAxis Of(string name, IEnumerable<double> numbers)
    {
        var (low, high) = (0.0, 0.0);
        foreach (var number in numbers)
            (low, high) = (Math.Min(low, number), Math.Max(high, number));
        return low == high ? new(name, 0, 1) : new(name, low, high);
    }

    /// <summary>Returns an axis for numbers on a scale of powers of ten; those that are not above 0 have no place on
    /// it.</summary>
    public static ChartAxis Logarithmic(string name, IEnumerable<double> numbers)
    {
        List<double> positive = [.. numbers.Where(number => number > 0)];
        var high = positive.DefaultIfEmpty(1).Max();
        var low = positive.Where(number => number >= high * LeastShare).DefaultIfEmpty(high).Min();
        return new(
            name, Math.Pow(10, Math.Floor(Math.Log10(low))), Math.Pow(10, Math.Floor(Math.Log10(high)) + 1), true);
    }

    /// <summary>Tells whether a number is between the ends.</summary>
    public bool Has(double value) => value >= Low && value <= High;

    /// <summary>Returns the place of a number, 0 at the smallest and 1 at the largest.</summary>
    public double Place(double value) => IsLogarithmic
        ? (Math.Log10(value) - Math.Log10(Low)) / (Math.Log10(High) - Math.Log10(Low))
        : (value - Low) / (High - Low);

    /// <summary>Returns round numbers between the ends, with their text.</summary>
    /// <param name="most">About how many.</param>
    public IEnumerable<(double Value, string Text)> Ticks(int most)
    {
        if (!Names.IsEmpty)
        {
            foreach (var (place, name) in Names.Index())
                yield return (place + 0.5, name);
            yield break;
        }

        if (IsLogarithmic)
        {
            var first = (int)Math.Round(Math.Log10(Low));
            var count = (int)Math.Round(Math.Log10(High)) - first;
            for (var power = 0; power <= count; power += 1 + (count / (most + 1)))
                yield return (
                    Math.Pow(10, first + power),
                    Math.Pow(10, first + power).ToString("0.######", CultureInfo.InvariantCulture));
            yield break;
        }

        foreach (var (value, _) in RoundTicks.Of(Low, High, most))
            yield return (value, value.ToString("0.######", CultureInfo.InvariantCulture));
    }
}
