namespace RatIlgpu.Html;

/// <summary>Signed bars as a part of a static figure: a name, a bar from 0 or from another number, and the
/// number.</summary>
sealed record BarFigure
{
    // In pixels.
    const double Left = 150, Long = 420, Step = 18, Right = 130, Bottom = 12;

    /// <summary>Gets the bars, from the top.</summary>
    public required ImmutableArray<FigureBar> Bars { get; init; }

    /// <summary>Writes the bars at a height, and returns their size.</summary>
    public (double Width, double Height) WriteTo(SvgFigure figure, double y)
    {
        var most = Bars.Max(bar => Math.Abs(bar.Value) + bar.Spread);
        var (ink, muted) = (new SvgText(figure.Named("ink"), IsMono: true), figure.Named("line-2"));
        figure.Rect(At(0), y, 1, Bars.Length * Step, muted);
        foreach (var (i, bar) in Bars.Index())
        {
            var (top, from, to) = (y + (i * Step), At(bar.From), At(bar.Value));
            figure.Text(Left - 8, top + 13, bar.Name, ink with { Anchor = "end" });
            figure.Rect(
                Math.Min(from, to), top + 3, Math.Max(0.5, Math.Abs(to - from)), 12,
                figure.Of(Palette.Signed[to >= from ? 11 : 2]));
            if (bar.Spread > 0)
                figure.Rect(At(bar.Value - bar.Spread), top + 8, bar.Spread / most * Long, 2, figure.Named("ink"));
            figure.Text(Left + Long + 8, top + 13, bar.Text, ink);
        }

        return (Left + Long + Right, (Bars.Length * Step) + Bottom);

        double At(double value) => Left + (Long * (0.5 + (most > 0 ? value / most / 2 : 0)));
    }
}

/// <summary>A bar of a figure.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Where it ends.</param>
/// <param name="Text">What stands behind it.</param>
readonly record struct FigureBar(string Name, double Value, string Text)
{
    /// <summary>Gets where it begins. Default: 0.</summary>
    public double From { get; init; }

    /// <summary>Gets how far the line to both sides of its end goes. Default: 0, no line.</summary>
    public double Spread { get; init; }
}
