namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(EdgeDiagramLaws)])]
public sealed class EdgeDiagramLaws
{
    internal static Arbitrary<Heads> Any { get; } = Arb.From(
        from layers in Gen.Choose(1, 26)
        from heads in Gen.Choose(1, 16)
        from kind in Gen.Choose(0, 2)
        from sources in Gen.ArrayOf(HeadOf(layers, heads)).Select(found => found.Distinct())
        from destinations in Gen.ArrayOf(HeadOf(layers, kind == 2 ? 0 : heads)).Select(found => found.Distinct())
        select new Heads([.. sources], [.. destinations], kind == 0),
        found =>
        [
            .. found.Sources.Select(head => found with { Sources = found.Sources.Remove(head) }),
            .. found.Destinations.Select(head => found with { Destinations = found.Destinations.Remove(head) }),
        ]);

    [Law]
    internal void Everything_is_finite_and_inside_the_drawing(Heads heads) => On(heads, diagram =>
    {
        Assert.True(double.IsFinite(diagram.Width) && double.IsFinite(diagram.Height));
        Assert.All(diagram.Nodes, node =>
        {
            Assert.InRange(node.Left, 0, diagram.Width - EdgeDiagram.NodeWidth);
            Assert.InRange(node.Top, 0, diagram.Height - EdgeDiagram.NodeHeight);
        });
        Assert.All(Curves(heads, diagram).SelectMany(curve => curve.Curve.Sections), section =>
        {
            Assert.InRange(section.Y1, 0, diagram.Height);
            Assert.InRange(section.Y2, 0, diagram.Height);
        });
    });

    [Law]
    internal void Heads_do_not_overlap(Heads heads) => On(heads, diagram =>
    {
        for (var i = 0; i < diagram.Nodes.Length; i++)
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (diagram.Nodes[i], diagram.Nodes[j]);
                Assert.True(
                    Math.Abs(a.Left - b.Left) > EdgeDiagram.NodeWidth
                        || Math.Abs(a.Top - b.Top) > EdgeDiagram.NodeHeight,
                    $"{a} {b}");
            }
    });

    [Law]
    internal void Every_head_has_one_place_and_later_layers_stand_farther_right(Heads heads) => On(heads, diagram =>
    {
        Assert.Equal(
            heads.Sources.Order(), diagram.Nodes.Where(node => node.IsSource).Select(node => node.Head).Order());
        Assert.Equal(
            heads.Destinations.Order(),
            diagram.Nodes.Where(node => node.IsDestination).Select(node => node.Head).Order());
        foreach (var a in diagram.Nodes)
            foreach (var b in diagram.Nodes)
                Assert.Equal(Math.Sign(a.Head.Layer - b.Head.Layer), Math.Sign(a.Left - b.Left));
    });

    [Law]
    internal void A_curve_runs_from_source_to_destination_without_turning_back(Heads heads) => On(heads, diagram =>
    {
        foreach (var (source, destination, curve) in Curves(heads, diagram))
        {
            var (from, to) = (diagram.Nodes[diagram.PlaceOf(source, true)],
                diagram.Nodes[diagram.PlaceOf(destination, false)]);
            var (first, last) = (curve.Sections[0], curve.Sections[^1]);
            Assert.Equal(
                (from.Left + EdgeDiagram.NodeWidth, from.Top + (EdgeDiagram.NodeHeight / 2)), (first.X1, first.Y1));
            Assert.Equal((to.Left, to.Top + (EdgeDiagram.NodeHeight / 2)), (last.X2, last.Y2));
            var x = double.NegativeInfinity;
            foreach (var section in curve.Sections)
            {
                Assert.True(section.X1 > x && section.X2 > section.X1, $"{curve}");
                x = section.X2;
            }
        }
    });

    [Law]
    internal void A_curve_touches_no_head_but_its_ends(Heads heads) => On(heads, diagram =>
    {
        foreach (var (source, destination, curve) in Curves(heads, diagram))
            // Between sections, a curve is level; within a section it has no head beside it.
            foreach (var (left, right) in curve.Sections.Zip(curve.Sections.Skip(1)))
                Assert.DoesNotContain(diagram.Nodes, node => node.Left < right.X1
                    && node.Left + EdgeDiagram.NodeWidth > left.X2
                    && left.Y2 > node.Top && left.Y2 < node.Top + EdgeDiagram.NodeHeight);
    });

    [Law]
    internal void The_order_in_which_heads_are_named_does_not_matter(Heads heads) => On(heads, diagram =>
    {
        var other = EdgeDiagram.Of(
            [.. heads.Sources.Reverse()], [.. heads.Destinations.Reverse()], heads.AreQueryHeads);
        Assert.Equal(diagram.Nodes, other.Nodes);
        Assert.Equal(
            Curves(heads, diagram).Select(one => one.Curve.ToString()),
            Curves(heads, other).Select(one => one.Curve.ToString()));
    });

    static void On(Heads heads, Action<EdgeDiagram> statement) =>
        statement(EdgeDiagram.Of(heads.Sources, heads.Destinations, heads.AreQueryHeads));

    static IEnumerable<(HeadIndex Source, HeadIndex Destination, DiagramCurve Curve)> Curves(
        Heads heads, EdgeDiagram diagram) =>
        from source in heads.Sources
        from destination in heads.Destinations
        where destination.Layer > source.Layer
        select (source, destination, diagram.CurveOf(source, destination));

    static Gen<HeadIndex> HeadOf(int layers, int heads) =>
        from layer in Gen.Choose(0, layers - 1)
        from head in Gen.Choose(0, Math.Max(0, heads - 1))
        select new HeadIndex(layer, heads == 0 ? -1 : head);

    /// <summary>Heads between which there are paths.</summary>
    internal sealed record Heads(
        ImmutableArray<HeadIndex> Sources, ImmutableArray<HeadIndex> Destinations, bool AreQueryHeads)
    {
        // A failed law prints this.
        public override string ToString() =>
            $"{string.Join(' ', Sources)} to {string.Join(' ', Destinations)}{(AreQueryHeads ? "" : ", apart")}";
    }
}
