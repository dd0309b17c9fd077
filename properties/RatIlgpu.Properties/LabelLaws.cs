using System.Collections.Immutable;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Html.Sankey;

namespace RatIlgpu.Properties;

public sealed class LabelLaws
{
    const int LongestLabel = 16;

    // A line of the label's font, and the least that a label keeps off its bar.
    const double LineHeight = 16;
    const double Gap = 6;

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
    public void A_label_is_beside_its_bar() => Holds((_, layout, labels) =>
    {
        var bars = layout.Bars.ToDictionary(bar => bar.Position, bar => bar.Drawn);
        Assert.All(labels, label =>
        {
            var (box, bar) = (label.Box, bars[label.Position]);
            var across = Math.Max(0, Math.Max(box.Left - bar.Right, bar.Left - box.Right));
            var down = Math.Max(0, Math.Max(box.Top - bar.Bottom, bar.Top - box.Bottom));
            Assert.InRange(across + down, 1, Gap + 1e-9);
        });
    });

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

    // Above, below, right or left of its bar, with a hair to spare on every side.
    static bool HasRoom(TokenBar bar, string text, SankeyLayout layout, ImmutableArray<Label> labels)
    {
        const double hair = 1e-6;
        var (box, width) = (bar.Drawn, LabelText.WidthOf(text, bar.Position));
        var (centre, level) = (box.Left + (box.Width / 2) - (width / 2), box.Top + (box.Height / 2) - (LineHeight / 2));
        List<Box> taken =
        [
            .. layout.Bars.Select(other => other.Drawn),
            .. labels.Where(label => label.Position != bar.Position).Select(label => label.Box),
        ];
        (double Left, double Top)[] places =
        [
            (centre, box.Top - 3 - LineHeight), (centre, box.Bottom + 3), (box.Right + Gap, level),
            (box.Left - Gap - width, level),
        ];
        return places.Select(place => new Box(place.Left, place.Top, width, LineHeight)).Any(place =>
            place.Left >= hair && place.Top >= hair && place.Right <= layout.Width - hair
            && place.Bottom <= layout.Height - hair && taken.TrueForAll(other => !Meet(place, other, -hair)));
    }

    // What rounding makes of edges that touch is nothing.
    static bool Meet(Box a, Box b, double least = 1e-9) =>
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
