using System.Collections.Immutable;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Html;

namespace RatIlgpu.Properties;

public sealed class LabelLaws
{
    const int LongestLabel = 16;

    // A line of the label's font, and the most that a label keeps off its bar.
    const double LineHeight = 16;
    const double Gap = 6;
    const double LeastGapBelow = 12;

    // Far less than a pixel, far more than rounding makes of edges that touch.
    const double Hair = 1e-6;

    static readonly Arbitrary<LabelledPaths> Diagrams = Law.Cases(LabelledPaths.Any(), LabelledPaths.Smaller);

    [Fact]
    public void A_label_is_inside_the_drawing() => Holds((_, layout, labels) => Assert.All(labels, label =>
    {
        Assert.InRange(label.Box.Left, 0, layout.Width - label.Box.Width);
        Assert.InRange(label.Box.Top, 0, layout.Height - label.Box.Height);
        Assert.Equal(LineHeight, label.Box.Height);
    }));

    [Fact]
    public void A_label_is_over_no_bar_and_no_other_label() => Holds((_, layout, labels) =>
    {
        foreach (var (index, label) in labels.Index())
        {
            var others = layout.Bars.Select(bar => bar.Drawn).Concat(labels.Take(index).Select(other => other.Box));
            Assert.All(others, other => Assert.False(Meet(label.Box, other), $"{label} and {other}"));
        }
    });

    [Fact]
    public void A_label_is_closest_to_its_own_bar() => Holds((_, layout, labels) => Assert.All(labels, label =>
    {
        var own = layout.Bars.Single(bar => bar.Position == label.Position);
        Assert.InRange(Distance(label.Box, own.Drawn), 1, Gap + Hair);
        // A gap between two bars holds the label of the lower one.
        var least = label.Side == LabelSide.Below ? LeastGapBelow - Hair : Distance(label.Box, own.Drawn) + 0.5;
        foreach (var other in layout.Bars.Where(bar => bar != own && bar.Left == own.Left))
            Assert.True(Distance(label.Box, other.Drawn) >= least, $"{label} at {other}");
    }));

    [Fact]
    public void A_label_is_the_start_of_its_token_and_has_room_for_it() => Holds((diagram, _, labels) =>
        Assert.All(labels, label =>
        {
            var (text, shown) = (diagram.Texts[label.Position], new StringInfo(label.Text));
            Assert.InRange(shown.LengthInTextElements, Math.Min(text.Length, 1), LongestLabel);
            if (label.Text != text)
            {
                Assert.EndsWith("…", label.Text, StringComparison.Ordinal);
                Assert.StartsWith(label.Text[..^1], text, StringComparison.Ordinal);
            }

            // No monospaced font of 13 pixels has letters under 7, no digit of 11 pixels is under 5.
            var digits = label.Position.ToString(CultureInfo.InvariantCulture).Length;
            Assert.True(label.Box.Width >= (7 * shown.LengthInTextElements) + (5 * digits), $"{label}");
        }));

    [Fact]
    public void A_label_that_has_room_is_shown() => Holds((_, layout, labels) =>
    {
        var shown = labels.Select(label => label.Position).ToHashSet();
        foreach (var bar in layout.Bars.Where(bar => !shown.Contains(bar.Position)))
            Assert.False(HasRoom(bar, "…", layout, labels), $"{bar}");
    });

    [Fact]
    public void A_label_is_shortened_only_where_it_has_no_room() => Holds((diagram, layout, labels) =>
    {
        var shown = labels.ToDictionary(label => label.Position, label => label.Text);
        foreach (var bar in layout.Bars)
        {
            var whole = LabelText.Clip(diagram.Texts[bar.Position], LongestLabel);
            if (shown.GetValueOrDefault(bar.Position) != whole)
                Assert.False(HasRoom(bar, whole, layout, labels), $"{bar}: {whole}");
        }
    });

    [Fact]
    public void A_single_path_shows_every_label() => Law.Holds(
        Law.Cases(LabelledPaths.Single(), LabelledPaths.Smaller),
        diagram => Holds(diagram, (_, layout, labels) => Assert.Equal(
            layout.Bars.Select(bar => bar.Position), labels.Select(label => label.Position))));

    [Fact]
    public void Numbering_the_paths_otherwise_moves_no_label() => Law.Holds(Diagrams, diagram =>
    {
        ImmutableArray<int> numbers = [.. Enumerable.Range(0, diagram.Paths.Paths.Length).Reverse()];
        foreach (var mode in Enum.GetValues<ColumnMode>())
            Assert.Equal(
                LabelsOf(diagram, SankeyLayout.Of(diagram.Paths, mode)),
                LabelsOf(diagram, SankeyLayout.Of(diagram.Paths.Reorder(numbers), mode)));
    });

    // Above or beside its bar, or below it but closer to it than to the next one, with a hair to spare on every side.
    static bool HasRoom(TokenBar bar, string text, SankeyLayout layout, ImmutableArray<Label> labels)
    {
        var (box, width) = (bar.Drawn, LabelText.WidthOf(text, bar.Position));
        var (centre, level) = (box.Left + (box.Width / 2) - (width / 2), box.Top + (box.Height / 2) - (LineHeight / 2));
        List<Box> bars = [.. layout.Bars.Select(other => other.Drawn)];
        List<Box> others = [.. labels.Where(label => label.Position != bar.Position).Select(label => label.Box)];
        // Left of the target is where its ribbons end.
        return IsFree(centre, box.Top - 3 - LineHeight) || IsFree(centre, box.Bottom + 3, LeastGapBelow)
            || IsFree(box.Right + Gap, level) || (bar != layout.Bars[^1] && IsFree(box.Left - Gap - width, level));

        bool IsFree(double left, double top, double gapBelow = 0)
        {
            var place = new Box(left, top, width, LineHeight);
            return left >= Hair && top >= Hair && place.Right <= layout.Width - Hair
                && place.Bottom <= layout.Height - Hair && others.TrueForAll(other => !Meet(place, other, -Hair))
                && bars.TrueForAll(other => !Meet(place with { Height = LineHeight + gapBelow }, other, -Hair));
        }
    }

    static double Distance(Box a, Box b) =>
        Math.Max(0, Math.Max(a.Left - b.Right, b.Left - a.Right))
        + Math.Max(0, Math.Max(a.Top - b.Bottom, b.Top - a.Bottom));

    static bool Meet(Box a, Box b, double least = Hair) =>
        Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left) > least
        && Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top) > least;

    static ImmutableArray<Label> LabelsOf(LabelledPaths diagram, SankeyLayout layout) =>
        Labels.Of(layout, position => diagram.Texts[position]);

    static void Holds(Action<LabelledPaths, SankeyLayout, ImmutableArray<Label>> statement) =>
        Law.Holds(Diagrams, diagram => Holds(diagram, statement));

    static void Holds(LabelledPaths diagram, Action<LabelledPaths, SankeyLayout, ImmutableArray<Label>> statement)
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var layout = SankeyLayout.Of(diagram.Paths, mode);
            statement(diagram, layout, LabelsOf(diagram, layout));
        }
    }
}
