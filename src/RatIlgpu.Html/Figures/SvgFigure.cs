using System.Security;

namespace RatIlgpu.Html;

/// <summary>Writes a static figure as SVG: explicit colours, no styles, no script, so that every program draws it
/// alike.</summary>
sealed class SvgFigure
{
    /// <summary>The families of fonts of plain text, and of tokens and numbers.</summary>
    public const string Sans = "system-ui, Helvetica, Arial, sans-serif",
        Mono = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

    // In pixels, of a letter at 11 pixels, rather too wide than too narrow.
    const double LetterWidth = 6.7;

    // In pixels.
    const double HeadingSize = 13;

    // In characters.
    const int LongestHeading = 120;

    readonly StringBuilder body = new();
    readonly bool isDark;

    /// <summary>Begins a figure.</summary>
    /// <param name="theme">The colours; <see cref="PageTheme.Auto"/> means light, as paper is.</param>
    public SvgFigure(PageTheme theme) => isDark = theme == PageTheme.Dark;

    /// <summary>Returns the colour of the theme.</summary>
    public string Of((string Light, string Dark) colour) => isDark ? colour.Dark : colour.Light;

    /// <summary>Returns a colour of the pages by its name, such as <c>ink-2</c>.</summary>
    public string Named(string name) => Of(Palette.Named[name]);

    /// <summary>Returns the width that a text may take, in pixels at 11 pixels.</summary>
    public static double WidthOf(string text) => LetterWidth * new StringInfo(text).LengthInTextElements;

    /// <summary>Writes a rectangle.</summary>
    public SvgFigure Rect(double x, double y, double width, double height, string fill, string more = "")
    {
        body.Append(
            CultureInfo.InvariantCulture,
            $"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" "
            + $"fill=\"{fill}\"{more}/>");
        body.Append('\n');
        return this;
    }

    /// <summary>Writes a line of a path, which <paramref name="data"/> describes as SVG does.</summary>
    public SvgFigure Path(string data, string stroke, double width, string more = "")
    {
        body.Append(
            CultureInfo.InvariantCulture,
            $"<path d=\"{data}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width:0.##}\"{more}/>");
        body.Append('\n');
        return this;
    }

    /// <summary>Writes the inside of a path.</summary>
    public SvgFigure Area(string data, string fill, double opacity)
    {
        body.Append(
            CultureInfo.InvariantCulture, $"<path d=\"{data}\" fill=\"{fill}\" fill-opacity=\"{opacity:0.##}\"/>");
        body.Append('\n');
        return this;
    }

    /// <summary>Writes text: characters that XML has no place for become a space.</summary>
    /// <param name="x">The place of its anchor.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">How it looks.</param>
    /// <param name="note">A smaller text behind it, such as a position; empty for none.</param>
    public SvgFigure Text(double x, double y, string text, SvgText options, string note = "")
    {
        body.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" font-size=\"{options.Size:0.##}\" fill=\"{options.Fill}\"");
        body.Append(" font-family=\"").Append(options.IsMono ? Mono : Sans).Append('"');
        if (options.Anchor != "start")
            body.Append(" text-anchor=\"").Append(options.Anchor).Append('"');
        if (options.IsBold)
            body.Append(" font-weight=\"600\"");
        if (options.IsUpright)
            body.Append(CultureInfo.InvariantCulture, $" transform=\"rotate(-90 {x:0.##} {y:0.##})\"");
        body.Append('>').Append(Escaped(text));
        if (note.Length > 0)
            body.Append(CultureInfo.InvariantCulture, $"<tspan dx=\"5\" font-size=\"11\" fill=\"{Named("ink-2")}\"")
                .Append($" font-family=\"{Sans}\">").Append(Escaped(note)).Append("</tspan>");
        body.Append("</text>\n");
        return this;
    }

    /// <summary>Writes a heading, on one line, and returns the place after it.</summary>
    public double Heading(double x, double y, string text)
    {
        var line = TokenGlyphs.Line(text, LongestHeading);
        Text(x, y, line, new(Named("ink"), HeadingSize, IsBold: true));
        // Bold letters are wider.
        return x + (WidthOf(line) * 1.25);
    }

    /// <summary>Writes a part whose places are counted from a point of the figure.</summary>
    /// <param name="x">The point.</param>
    /// <param name="y">The point.</param>
    /// <param name="content">Writes the part.</param>
    public SvgFigure Group(double x, double y, Action content)
    {
        body.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({x:0.##} {y:0.##})\">\n");
        content();
        body.Append("</g>\n");
        return this;
    }

    /// <summary>Returns the whole file.</summary>
    /// <param name="width">The width, in pixels.</param>
    /// <param name="height">The height, in pixels.</param>
    /// <param name="title">What a screen reader says.</param>
    public string ToSvg(double width, double height, string title) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" width="{width:0.##}" height="{height:0.##}"
         viewBox="0 0 {width:0.##} {height:0.##}" role="img">
        <title>{Escaped(TraceWords.Notice(title))}</title>
        <rect width="100%" height="100%" fill="{Named("surface")}"/>
        {body}</svg>

        """).ReplaceLineEndings("\n");

    /// <summary>Returns text for XML 1.0.</summary>
    public static string Escaped(string text)
    {
        var allowed = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is < 0x20 or 0xFFFE or 0xFFFF)
                allowed.Append(' ');
            else
                allowed.Append(rune);
        return SecurityElement.Escape(allowed.ToString());
    }
}

/// <summary>How text in a figure looks.</summary>
/// <param name="Fill">The colour.</param>
/// <param name="Size">The size, in pixels.</param>
/// <param name="Anchor">Where the text has its place: <c>start</c>, <c>middle</c> or <c>end</c>.</param>
/// <param name="IsMono">Whether letters are of one width, as of tokens and numbers.</param>
/// <param name="IsBold">Whether the text stands out.</param>
/// <param name="IsUpright">Whether the text reads from below.</param>
readonly record struct SvgText(
    string Fill,
    double Size = 11,
    string Anchor = "start",
    bool IsMono = false,
    bool IsBold = false,
    bool IsUpright = false);
