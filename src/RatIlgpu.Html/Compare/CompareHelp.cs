namespace RatIlgpu.Html.Compare;

/// <summary>The help of the page of two traces.</summary>
static class CompareHelp
{
    static readonly (string What, string Meaning)[] Meanings =
    [
        ("Diagrams", "Paths start at the target, at the right; each step goes to an earlier token that is attended to. "
            + "Bars and ribbons are as high as their share of path weight, to one scale in both."),
        ("Counterparts", "The two texts are laid side by side so that as many equal tokens as possible meet. Links and "
            + "paths correspond when their tokens do."),
        ("Difference", "Blue has more share in A, orange more in B; the stronger the shade, the larger the "
            + "difference, with steps at 1, 5, 15 and 40 %. Shares that differ by less have no colour."),
        ("Paths", "One colour for each path of a trace, by rank. After seven they repeat, dashed; after fourteen, "
            + "dotted."),
        ("Columns", "Hops counts the steps left to the target; Position is the order in the text."),
        ("Select", "A token, link or path lights the paths through it on both sides; once more lets it go."),
        ("Export", "SVG and PNG show both diagrams; JSON and CSV list every token, link and path with its shares."),
    ];

    static readonly (string[] Keys, string Action)[] Keys =
    [
        (["Tab"], "into a diagram or a text"),
        (["←", "→", "↑", "↓"], "to the next token"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["/"], "find a token"),
        (["0", "+", "−"], "fit, enlarge, reduce; or Ctrl and the wheel"),
        (["?"], "this help"),
    ];

    /// <summary>Writes the dialog, which is closed until it is asked for.</summary>
    public static void Write(HtmlWriter html) => HelpDialog.Write(html, Meanings, Keys);
}
