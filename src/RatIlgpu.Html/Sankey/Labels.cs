using System.Collections.Immutable;

namespace RatIlgpu.Html.Sankey;

/// <summary>Gives the label of each token the first free place around its bar: inside the drawing, over no bar and no
/// other label. The heaviest tokens choose first, a crowded label becomes shorter, and one that fits nowhere is left
/// out.</summary>
static class Labels
{
    // A line of text of 13 pixels.
    const double Height = 16;
    const double GapBeside = 6;
    const double GapAbove = 3;

    // The longest is what a reader needs to tell tokens apart; of the last only the position remains.
    static readonly ImmutableArray<int> Lengths = [16, 11, 7, 4, 2, 1];

    // Nothing runs beyond the ends of a path; between them ribbons run beside a bar, and a label above it is easier to
    // read.
    static readonly ImmutableArray<LabelSide> AtTarget =
        [LabelSide.Right, LabelSide.Above, LabelSide.Below, LabelSide.Left];

    static readonly ImmutableArray<LabelSide> AtStart =
        [LabelSide.Left, LabelSide.Above, LabelSide.Below, LabelSide.Right];

    static readonly ImmutableArray<LabelSide> Between =
        [LabelSide.Above, LabelSide.Below, LabelSide.Right, LabelSide.Left];

    /// <summary>Places labels; there is at most one for each bar, and they are ordered by position.</summary>
    /// <param name="layout">The drawing.</param>
    /// <param name="textOf">The text of the token at a position, as it is shown.</param>
    public static ImmutableArray<Label> Of(SankeyLayout layout, Func<int, string> textOf)
    {
        var keys = layout.Ribbons.Select(ribbon => ribbon.Key).ToHashSet();
        var queries = layout.Ribbons.Select(ribbon => ribbon.Query).ToHashSet();
        var taken = layout.Bars.Select(bar => bar.Drawn).ToList();
        var labels = ImmutableSortedDictionary.CreateBuilder<int, Label>();
        foreach (var bar in layout.Bars.OrderByDescending(bar => bar.Height))
        {
            var sides = !keys.Contains(bar.Position) ? AtTarget : !queries.Contains(bar.Position) ? AtStart : Between;
            if (FirstFree(bar, textOf(bar.Position), sides, IsFree) is { } label)
            {
                labels.Add(bar.Position, label);
                taken.Add(label.Box);
            }
        }

        return [.. labels.Values];

        bool IsFree(Box box) => box.IsInside(layout) && !taken.Exists(box.Overlaps);
    }

    static Label? FirstFree(TokenBar bar, string text, ImmutableArray<LabelSide> sides, Func<Box, bool> isFree)
    {
        foreach (var length in Lengths)
        {
            var shown = LabelText.Clip(text, length);
            var width = LabelText.WidthOf(shown, bar.Position);
            foreach (var side in sides)
                if (Place(bar.Drawn, side, width) is var box && isFree(box))
                    return new(bar.Position, side, box, shown);
        }

        return null;
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
