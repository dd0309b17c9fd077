namespace RatIlgpu.Html;

/// <summary>Writes a path as a row of a static figure: its number on its hue, its numbers, and its tokens.</summary>
static class PathRow
{
    // In pixels.
    const double Chip = 22, ChipHeight = 18, Gap = 10;

    /// <summary>Writes the row.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="path">The index of the path.</param>
    /// <param name="at">The upper left corner.</param>
    /// <param name="width">The room.</param>
    /// <param name="text">What the row says.</param>
    public static void Write(SvgFigure figure, int path, (double X, double Y) at, double width, PathRowText text)
    {
        var (x, y) = at;
        var hue = figure.Of(SankeyFigure.HueOf(path));
        var (number, ink) = ($"{path + 1}", Palette.InkOn(hue));
        figure.Rect(x, y, Chip, ChipHeight, hue, " rx=\"3\"");
        figure.Text(x + (Chip / 2), y + 12.5, number, new(ink, 11, "middle", IsBold: true));
        if (SankeyFigure.DashOf(path) is { } dash)
            figure.Path(string.Create(CultureInfo.InvariantCulture, $"M{x + 2} {y + 16}h18"), ink, 1.5, dash);
        var (left, level) = (x + Chip + Gap, y + 13);
        figure.Text(left, level, text.Numbers, new(figure.Named("ink-2")));
        left += text.NumbersWidth;
        figure.Text(
            left, level, FigureText.Clip(text.Route, x + width - left), new(figure.Named("ink"), IsMono: true));
    }
}

/// <summary>What the row of a path says.</summary>
/// <param name="Numbers">Its numbers.</param>
/// <param name="NumbersWidth">The room for them, in pixels.</param>
/// <param name="Route">Its tokens.</param>
readonly record struct PathRowText(string Numbers, double NumbersWidth, string Route);
