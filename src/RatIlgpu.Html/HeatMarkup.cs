namespace RatIlgpu.Html;

/// <summary>Writes what pages with matrices share.</summary>
static class HeatMarkup
{
    /// <summary>Gets the keys that every matrix takes, for the help of its page.</summary>
    public static ImmutableArray<(string[] Keys, string Action)> Keys { get; } =
    [
        (["+", "−", "0"], "in a matrix: enlarge, reduce, fit; or Ctrl and the wheel"),
        (["f"], "in a matrix: the whole screen, or back"),
    ];

    /// <summary>Writes the ramp of a scale between two numbers, which a script fills.</summary>
    /// <param name="html">The page.</param>
    /// <param name="id">The start of the identifiers of the numbers, <c>id-low</c> and <c>id-high</c>.</param>
    /// <param name="isSigned">Whether the scale goes from the most negative number to the most positive.</param>
    public static void WriteLegend(HtmlWriter html, string id, bool isSigned)
    {
        html.Write($"""
            <span class="scale muted"><span id="{id}-low">{(isSigned ? "" : "0")}</span>
            <span class="ramp" aria-hidden="true">
            """);
        if (isSigned)
            for (var step = -6; step <= 6; step++)
                html.Write($"<i data-v=\"{step}\"></i>");
        else
            for (var step = 1; step < Palette.Heat.Length; step++)
                html.Write($"<i data-h=\"{step}\"></i>");
        html.Write($"</span>\n<span id=\"{id}-high\"></span></span>\n");
    }
}
