namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(LabelLaws.Diagram)])]
public sealed class LabelLaws
{
    const int LongestLabel = 16;

    // The height of a line in the font of labels, and the largest distance of a label from its bar.
    const double LineHeight = 16;
    const double Gap = 6;
    const double LeastGapBelow = 12;

    // Much less than a pixel, and much more than the rounding of two edges that touch.
    const double Hair = 1e-6;

    [Law]
    internal void A_label_is_inside_the_drawing(Diagram it) =>
        InEveryMode(it, (layout, labels) => Assert.All(labels, label =>
        {
            Assert.InRange(label.Box.Left, 0, layout.Width - label.Box.Width);
            Assert.InRange(label.Box.Top, 0, layout.Height - label.Box.Height);
            Assert.Equal(LineHeight, label.Box.Height);
        }));

    [Law]
    internal void A_label_is_over_no_bar_and_no_other_label(Diagram it) => InEveryMode(it, (layout, labels) =>
    {
        foreach (var (index, label) in labels.Index())
        {
            var others = layout.Bars.Select(bar => bar.Drawn).Concat(labels.Take(index).Select(other => other.Box));
            Assert.All(others, other => Assert.False(Meet(label.Box, other), $"{label} and {other}"));
        }
    });

    [Law]
    internal void A_label_is_closest_to_its_own_bar(Diagram it) =>
        InEveryMode(it, (layout, labels) => Assert.All(labels, label =>
        {
            var own = layout.Bars.Single(bar => bar.Position == label.Position);
            Assert.InRange(Distance(label.Box, own.Drawn), 1, Gap + Hair);
            // A gap between two bars is for the label of the lower bar.
            var least = label.Side == LabelSide.Below ? LeastGapBelow - Hair : Distance(label.Box, own.Drawn) + 0.5;
            foreach (var other in layout.Bars.Where(bar => bar != own && bar.Left == own.Left))
                Assert.True(Distance(label.Box, other.Drawn) >= least, $"{label} at {other}");
        }));

    [Law]
    internal void A_label_is_the_start_of_its_token_and_has_room_for_it(Diagram it) =>
        InEveryMode(it, (_, labels) =>
        Assert.All(labels, label =>
        {
            var (text, shown) = (it.Texts[label.Position], new StringInfo(label.Text));
            Assert.InRange(shown.LengthInTextElements, Math.Min(text.Length, 1), LongestLabel);
            if (label.Text != text)
            {
                Assert.EndsWith("…", label.Text, StringComparison.Ordinal);
                Assert.StartsWith(label.Text[..^1], text, StringComparison.Ordinal);
            }

            // Letters of a monospaced font of 13 pixels are at least 7 wide; digits of 11 pixels are at least 5 wide.
            var digits = label.Position.ToString(CultureInfo.InvariantCulture).Length;
            Assert.True(label.Box.Width >= (7 * shown.LengthInTextElements) + (5 * digits), $"{label}");
        }));

    [Law]
    internal void A_label_that_has_room_is_shown(Diagram it) => InEveryMode(it, (layout, labels) =>
    {
        var shown = labels.Select(label => label.Position).ToHashSet();
        foreach (var bar in layout.Bars.Where(bar => !shown.Contains(bar.Position)))
            Assert.False(HasRoom(bar, "…", layout, labels), $"{bar}");
    });

    [Law]
    internal void A_label_is_shortened_only_where_it_has_no_room(Diagram it) => InEveryMode(it, (layout, labels) =>
    {
        var shown = labels.ToDictionary(label => label.Position, label => label.Text);
        foreach (var bar in layout.Bars)
        {
            var whole = LabelText.Clip(it.Texts[bar.Position], LongestLabel);
            if (shown.GetValueOrDefault(bar.Position) != whole)
                Assert.False(HasRoom(bar, whole, layout, labels), $"{bar}: {whole}");
        }
    });

    [Law(Arbitrary = [typeof(SinglePaths)])]
    internal void A_single_path_shows_every_label(Diagram it) => InEveryMode(it, (layout, labels) =>
        Assert.Equal(layout.Bars.Select(bar => bar.Position), labels.Select(label => label.Position)));

    [Law]
    internal void Numbering_the_paths_otherwise_moves_no_label(Diagram diagram)
    {
        ImmutableArray<int> numbers = [.. Enumerable.Range(0, diagram.Paths.Paths.Length).Reverse()];
        foreach (var mode in Enum.GetValues<ColumnMode>())
            Assert.Equal(
                LabelsOf(diagram, SankeyLayout.Of(diagram.Paths, mode)),
                LabelsOf(diagram, SankeyLayout.Of(diagram.Paths.Reorder(numbers), mode)));
    }

    // Tells whether a label fits above, beside or below its bar. Below, it must be closer to its bar than to the next.
    static bool HasRoom(TokenBar bar, string text, SankeyLayout layout, ImmutableArray<Label> labels)
    {
        var (box, width) = (bar.Drawn, LabelText.WidthOf(text, bar.Position));
        var (centre, level) = (box.Left + (box.Width / 2) - (width / 2), box.Top + (box.Height / 2) - (LineHeight / 2));
        List<Box> bars = [.. layout.Bars.Select(other => other.Drawn)];
        List<Box> others = [.. labels.Where(label => label.Position != bar.Position).Select(label => label.Box)];
        // Ribbons end at the left of the target, so it has no label there.
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

    static ImmutableArray<Label> LabelsOf(Diagram diagram, SankeyLayout layout) =>
        Labels.Of(layout, position => diagram.Texts[position]);

    static void InEveryMode(Diagram diagram, Action<SankeyLayout, ImmutableArray<Label>> statement)
    {
        foreach (var mode in Enum.GetValues<ColumnMode>())
        {
            var layout = SankeyLayout.Of(diagram.Paths, mode);
            statement(layout, LabelsOf(diagram, layout));
        }
    }

    static class SinglePaths
    {
        public static Arbitrary<Diagram> Any { get; } = Arb.From(Diagram.Single(), Diagram.Smaller);
    }

    /// <summary>Paths to draw, and the texts that a page shows for their tokens.</summary>
    internal sealed record Diagram(PathSet Paths, ImmutableSortedDictionary<int, string> Texts)
    {
        // Narrow, wide, joined, combining and invisible characters; a text has none to twenty of these.
        static readonly string[] Pieces =
        [
            "a", "W", "ing", " ", "\n", "é", "e\u0301", "\u0301", "Щ", "你", "한국", "ﷺ", "ﷺﷺﷺﷺ", "𒐫", "👩‍🚀",
            "👩‍👩‍👧‍👦", "🇩🇪", "שלום", "நூ", "\u200d", "\u202e", "\0", "internationalization", "注意力机制的可视化方法",
        ];

        /// <summary>Gets arbitrary diagrams, now and then one of many paths.</summary>
        public static Arbitrary<Diagram> Any { get; } = Arb.From(Gen.Frequency(
            (5, SankeyLayoutLaws.Sets().SelectMany(Labelled)),
            (1, SankeyLayoutLaws.Sets(mostPaths: 40, lastPosition: 60).SelectMany(Labelled))), Smaller);

        /// <summary>Makes a diagram of one path through a prompt of any length.</summary>
        public static Gen<Diagram> Single() =>
            from lastPosition in Gen.Elements(0, 20, 8_191, 131_071)
            from steps in Gen.Choose(0, 24)
            from positions in Gen.ArrayOf(Gen.Choose(0, lastPosition), steps + 1)
            from labelled in Labelled(new([[.. positions.Distinct().OrderDescending()]], [1]))
            select labelled;

        public static IEnumerable<Diagram> Smaller(Diagram diagram)
        {
            foreach (var paths in SankeyLayoutLaws.Smaller(diagram.Paths))
                yield return diagram with { Paths = paths };
            foreach (var (position, text) in diagram.Texts.Where(entry => entry.Value != "a"))
                yield return diagram with { Texts = diagram.Texts.SetItem(position, "a") };
        }

        static Gen<Diagram> Labelled(PathSet paths) =>
            from texts in Gen.ArrayOf(Text(), paths.Positions.Length)
            select new Diagram(
                paths,
                paths.Positions.Zip(texts).ToImmutableSortedDictionary(entry => entry.First, entry => entry.Second));

        static Gen<string> Text() =>
            from count in Gen.Elements(0, 1, 1, 2, 3, 20)
            from pieces in Gen.ArrayOf(Gen.Elements(Pieces), count)
            select TokenGlyphs.Show(new(0, string.Concat(pieces), []), 400);

        // A failed law prints this.
        public override string ToString() => string.Join(
            "; ",
            Paths.Paths.Zip(Paths.Weights, (path, weight) => $"{weight:R}: {string.Join(' ', path)}")
                .Concat(Paths.Positions.Select(position => $"{position} '{Texts[position]}'")));
    }
}
