namespace RatIlgpu.Html.Tests.Patching;

public sealed class EdgeDiagramTests
{
    [Fact]
    public void Layers_run_from_left_to_right_and_heads_from_top_to_bottom()
    {
        var diagram = EdgeDiagram.Of([new(0, 1), new(1, 0)], [new(1, 0), new(2, 1)], areQueryHeads: true);
        Assert.Equal(["L0H1", "L1H0", "L2H1"], diagram.Nodes.Select(node => node.Name));
        Assert.Equal([12, 180, 348], diagram.Nodes.Select(node => node.Left));
        Assert.Equal([62, 34, 62], diagram.Nodes.Select(node => node.Top));
        Assert.Equal((406, 96), (diagram.Width, diagram.Height));
    }

    [Fact]
    public void A_query_head_that_is_source_and_destination_is_one_head()
    {
        var node = EdgeDiagram.Of([new(0, 0), new(1, 0)], [new(1, 0)], areQueryHeads: true).Nodes[1];
        Assert.True(node is { IsSource: true, IsDestination: true });
    }

    [Fact]
    public void Key_value_heads_and_whole_layers_stand_below_the_sources()
    {
        var groups = EdgeDiagram.Of([new(0, 3), new(1, 1)], [new(1, 1)], areQueryHeads: false);
        Assert.Equal(3, groups.Nodes.Length);
        Assert.Equal(groups.Nodes.MaxBy(node => node.Top), groups.Nodes.Single(node => node.IsDestination));
        Assert.Equal("L1", EdgeDiagram.Of([new(0, 3)], [new(1, -1)], areQueryHeads: false).Nodes[1].Name);
    }

    [Fact]
    public void A_curve_to_the_next_layer_bends_half_way()
    {
        var diagram = EdgeDiagram.Of([new(0, 0)], [new(1, 1)], areQueryHeads: true);
        Assert.Equal("M58 43C119 43 119 71 180 71", diagram.CurveOf(new(0, 0), new(1, 1)).ToString());
    }

    [Fact]
    public void A_curve_over_a_layer_keeps_to_the_gap_between_its_heads()
    {
        HeadIndex[] sources = [new(0, 0), new(1, 0), new(1, 1)];
        var diagram = EdgeDiagram.Of(sources, [new(2, 0)], areQueryHeads: true);
        Assert.Equal(
            "M58 43C119 43 119 29 180 29H226C287 29 287 43 348 43", diagram.CurveOf(new(0, 0), new(2, 0)).ToString());
    }

    [Fact]
    public void The_width_of_a_curve_grows_with_its_share_from_least_to_most()
    {
        Assert.Equal(EdgeDiagram.LeastWidth, EdgeDiagram.WidthOf(0));
        Assert.Equal(4.1, EdgeDiagram.WidthOf(0.5), 9);
        Assert.Equal(EdgeDiagram.MostWidth, EdgeDiagram.WidthOf(2));
    }

    [Fact]
    public void A_diagram_of_nothing_is_empty() =>
        Assert.Empty(EdgeDiagram.Of([], [], areQueryHeads: true).Nodes);
}
