namespace RatIlgpu.Html;

/// <summary>Breaks text for static figures, in which no program breaks lines.</summary>
static class FigureText
{
    /// <summary>Puts parts one after the other, and begins a line where the next part has no room. A part is never
    /// broken.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="between">The text between two parts of a line.</param>
    /// <param name="width">The room, in pixels, of a text at 11 pixels.</param>
    public static ImmutableArray<string> Lines(IEnumerable<string> parts, string between, double width)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var part in parts)
            if (lines.Count > 0 && SvgFigure.WidthOf(lines[^1] + between + part) <= width)
                lines[^1] += between + part;
            else
                lines.Add(part);
        return lines.ToImmutable();
    }

    /// <summary>Returns a text, or as much of its start as has room, and an ellipsis.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The room, in pixels, of a text at 11 pixels.</param>
    public static string Clip(string text, double width) =>
        LabelText.Clip(text, Math.Max(1, (int)(width / SvgFigure.WidthOf("m"))));
}
