using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>Paths as a static figure: what was followed, the diagram, and the paths as a list.</summary>
abstract class PathFigure
{
    // In pixels.
    const double Margin = 16, Line = 16, Row = 22, LeastWidth = 640;

    // A list of more paths would be longer than a page of paper.
    const int MostPaths = 20;

    readonly string title;
    readonly double width;
    readonly (double Width, double Height) drawing;
    readonly FigureColumn column;

    /// <summary>Begins a figure.</summary>
    /// <param name="theme">The colours.</param>
    /// <param name="title">The title.</param>
    /// <param name="drawing">The size of the diagram, in pixels.</param>
    protected PathFigure(PageTheme theme, string title, (double Width, double Height) drawing)
    {
        (Figure, this.title, this.drawing) = (new(theme), title, drawing);
        width = Math.Max(LeastWidth, drawing.Width);
        column = new(Figure, Margin, width) { At = 28 };
    }

    /// <summary>Gets the figure.</summary>
    protected SvgFigure Figure { get; }

    /// <summary>Gets the number of paths.</summary>
    protected abstract int Count { get; }

    /// <summary>Gets the parts of the sentences on how to read the diagram; each stays whole.</summary>
    protected abstract IEnumerable<string> Reading { get; }

    /// <summary>Draws the figure.</summary>
    /// <param name="facts">What was followed.</param>
    /// <param name="reason">Why there is no path; null if there are some.</param>
    /// <param name="notices">What the reader must know.</param>
    protected string Draw(
        IEnumerable<(string Name, string Value)> facts, string? reason, IEnumerable<string> notices)
    {
        column.WriteTitle(title);
        column.Write(facts.Select(fact => $"{fact.Name} {fact.Value}"), "\u2003", "ink-2");
        if (reason is not null)
            column.Write(reason.Split(' '), " ", "ink");
        else
            WritePaths();
        column.WriteNotices(notices);
        return Figure.ToSvg(width, column.At + Margin, title);
    }

    /// <summary>Draws the diagram.</summary>
    /// <param name="x">Its left side.</param>
    /// <param name="y">Its upper side.</param>
    protected abstract void WriteDiagram(double x, double y);

    /// <summary>Returns what the row of a path says.</summary>
    protected abstract PathRowText RowOf(int path);

    void WritePaths()
    {
        WriteDiagram((width - drawing.Width) / 2, column.At += Line);
        column.At += drawing.Height;
        column.Write(Reading, " ", "ink-3");
        column.At += Line;
        for (var path = 0; path < Math.Min(MostPaths, Count); path++)
        {
            PathRow.Write(Figure, path, (Margin, column.At), width - (2 * Margin), RowOf(path));
            column.At += Row;
        }

        if (Count > MostPaths)
            column.Write([$"and {CountText.Of(Count - MostPaths, "more path")}"], "", "ink-3");
    }
}
