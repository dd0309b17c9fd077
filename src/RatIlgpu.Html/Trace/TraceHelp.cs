namespace RatIlgpu.Html.Trace;

/// <summary>The help of a trace's page: what it shows, and the keys.</summary>
static class TraceHelp
{
    static readonly (string What, string Meaning)[] Meanings =
    [
        ("Diagram", "Paths start at the target, at the right; each step goes to an earlier token that is attended to. "
            + "The height of a bar is the share of the paths through it."),
        ("Columns", "Hops counts the steps left to the target; Position is the order in the text."),
        ("Width", "Share is the weight of the path: the softmax of the scores. Attention is share times the attention "
            + "of the step."),
        ("Colours", "One for each path. After seven they repeat, dashed; after fourteen, dotted."),
        ("Heat", "The stronger the shade of a token, the larger its share of the paths, or the attention of the target "
            + "to it. Tokens on a path are underlined."),
        ("Select", "A token or link lights the paths through it; once more lets it go."),
    ];

    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into the diagram or the text"),
        (["←", "→", "↑", "↓"], "to the next token"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["[", "]"], "previous or next path"),
        ([",", "."], "previous or next layer"),
        (["/"], "find a token; Enter goes to the next one"),
        (["0", "+", "−"], "fit, enlarge, reduce; or Ctrl and the wheel, or two fingers"),
        (["?"], "this help"),
    ];

    /// <summary>Writes the dialog, which is closed until it is asked for.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="hasLayers">Whether there are layers to choose from.</param>
    public static void Write(HtmlWriter html, bool hasLayers) =>
        HelpDialog.Write(html, Meanings, Keys.Where(key => hasLayers || key.Keys[0] != ","));
}
