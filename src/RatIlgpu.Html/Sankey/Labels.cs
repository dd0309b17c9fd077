namespace RatIlgpu.Html;

/// <summary>Places the labels of tokens. A token gets the longest label that fits around its bar: inside the drawing,
/// over no bar and no other label. A token without room gets no label.</summary>
sealed class Labels
{
    // Of a line of text of 13 pixels.
    const double Height = 16;
    const double GapBeside = 6;
    const double GapAbove = 3;

    // With a smaller gap, a label below its bar would be read as the label of the next bar.
    const double GapBelow = 12;

    // In characters. With 0 only an ellipsis and the position are shown; 16 tell most tokens apart.
    static readonly ImmutableArray<int> Lengths = [0, 2, 4, 7, 11, 16];

    // No ribbon runs beyond the ends of a path, and the target always has room there. Elsewhere ribbons run on both
    // sides of a bar, and a label above the bar is easier to read.
    static readonly ImmutableArray<LabelSide> AtTarget = [LabelSide.Right, LabelSide.Above, LabelSide.Below];

    static readonly ImmutableArray<LabelSide> AtStart =
        [LabelSide.Left, LabelSide.Above, LabelSide.Below, LabelSide.Right];

    static readonly ImmutableArray<LabelSide> Between =
        [LabelSide.Above, LabelSide.Right, LabelSide.Left, LabelSide.Below];

    readonly SankeyLayout layout;
    readonly Dictionary<int, string> texts;
    readonly HashSet<int> keys;
    readonly HashSet<int> queries;
    readonly Dictionary<int, Label> placed = [];
    readonly Dictionary<int, int> reached = [];

    Labels(SankeyLayout layout, Func<int, string> textOf)
    {
        this.layout = layout;
        texts = layout.Bars.ToDictionary(bar => bar.Position, bar => textOf(bar.Position));
        keys = [.. layout.Ribbons.Select(ribbon => ribbon.Key)];
        queries = [.. layout.Ribbons.Select(ribbon => ribbon.Query)];
    }

    /// <summary>Returns the labels, at most one for each bar, ordered by position.</summary>
    public static ImmutableArray<Label> Of(SankeyLayout layout, Func<int, string> textOf)
    {
        var labels = new Labels(layout, textOf);
        labels.Grow();
        return [.. labels.placed.Values.OrderBy(label => label.Position)];
    }

    // All labels grow together, those of the tallest bars first, so that a long label does not displace a short one.
    void Grow()
    {
        List<TokenBar> bars = [.. layout.Bars.OrderByDescending(bar => bar.Height)];
        foreach (var length in Lengths)
            bars.ForEach(bar => TryPlace(bar, length));

        // A label that moved has left room. Labels only become longer, so the loop ends.
        var grown = true;
        while (grown)
            grown = bars.Count(bar => Lengths.Reverse().Any(length => TryPlace(bar, length))) > 0;
    }

    // Returns whether the label became longer.
    bool TryPlace(TokenBar bar, int length)
    {
        var text = LabelText.Clip(texts[bar.Position], length);
        var isWhole = placed.GetValueOrDefault(bar.Position)?.Text == text;
        if (isWhole || reached.GetValueOrDefault(bar.Position, -1) >= length)
            return false;
        var width = LabelText.WidthOf(text, bar.Position);
        foreach (var side in SidesOf(bar.Position))
            if (Place(bar.Drawn, side, width) is var box && IsFree(box, side, bar.Position))
            {
                (placed[bar.Position], reached[bar.Position]) = (new(bar.Position, side, box, text), length);
                return true;
            }

        return false;
    }

    ImmutableArray<LabelSide> SidesOf(int position) =>
        !keys.Contains(position) ? AtTarget : !queries.Contains(position) ? AtStart : Between;

    bool IsFree(Box box, LabelSide side, int position)
    {
        var withGap = side == LabelSide.Below ? box with { Height = Height + GapBelow } : box;
        return box.IsInside(layout) && !layout.Bars.Any(bar => withGap.Overlaps(bar.Drawn))
            && !placed.Values.Any(label => label.Position != position && box.Overlaps(label.Box));
    }

    static Box Place(Box bar, LabelSide side, double width)
    {
        var level = bar.Top + ((bar.Height - Height) / 2);
        var centred = bar.Left + ((bar.Width - width) / 2);
        return side switch
        {
            LabelSide.Right => new(bar.Right + GapBeside, level, width, Height),
            LabelSide.Left => new(bar.Left - GapBeside - width, level, width, Height),
            LabelSide.Above => new(centred, bar.Top - GapAbove - Height, width, Height),
            _ => new(centred, bar.Bottom + GapAbove, width, Height),
        };
    }
}

/// <summary>The label of a token: its text, followed by its position.</summary>
/// <param name="Position">The token's position.</param>
/// <param name="Side">The side of the bar that the label is on.</param>
/// <param name="Box">The room of the label; the text can be narrower.</param>
/// <param name="Text">The text, shortened to what fits.</param>
sealed record Label(int Position, LabelSide Side, Box Box, string Text)
{
    /// <summary>Gets where the text is anchored, in the words of SVG: a text narrower than its box must stay beside its
    /// bar.</summary>
    public (string Side, double X) Anchor => Side switch
    {
        LabelSide.Right => ("start", Box.Left),
        LabelSide.Left => ("end", Box.Right),
        _ => ("middle", Box.Left + (Box.Width / 2)),
    };
}

/// <summary>The side of its bar that a label is on.</summary>
enum LabelSide
{
    Right,
    Left,
    Above,
    Below,
}
