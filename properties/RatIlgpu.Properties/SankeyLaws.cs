namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(SankeyLaws.Drawing)])]
public sealed class SankeyLaws
{
    [Law]
    public void Weights_are_shares_of_one_in_the_order_of_the_scores(Drawing drawing)
    {
        Assert.Equal(1, drawing.Weights.Sum(), 1e-12);
        Assert.All(drawing.Weights, weight => Assert.InRange(weight, 0, 1));
        Assert.Equal(drawing.Weights.OrderDescending(), drawing.Weights);
    }

    [Law]
    public void Nodes_are_the_positions_of_the_paths_ascending(Drawing drawing) => Assert.Equal(
        drawing.Paths.SelectMany(path => path.Positions).Distinct().Order(),
        drawing.Sankey.Nodes.Select(node => node.Position));

    [Law]
    public void Links_are_the_steps_of_the_paths_each_once_in_order_of_use(Drawing drawing) => Assert.Equal(
        drawing.Paths.SelectMany(Steps).Distinct(), drawing.Sankey.Links.Select(link => (link.Source, link.Target)));

    [Law]
    public void A_link_names_exactly_the_paths_that_use_it(Drawing drawing) =>
        Assert.All(drawing.Sankey.Links, link =>
        {
            var users = drawing.Paths.Index().Where(path => Steps(path.Item).Contains((link.Source, link.Target)));
            Assert.Equal(users.Select(path => path.Index), link.PathIndices);
        });

    [Law]
    public void A_link_is_worth_its_attention_for_each_path_by_weight(Drawing drawing) => Assert.All(
        drawing.Sankey.Links,
        link => Assert.Equal(link.PathIndices.Sum(path => drawing.Weights[path]) * link.Attention, link.Value, 1e-12));

    [Law]
    public void Flow_in_equals_flow_out(Drawing drawing)
    {
        var ends = drawing.Paths.SelectMany(path => new[] { path.Positions[0], path.Positions[^1] }).ToHashSet();
        Assert.All(drawing.Sankey.Nodes.Where(node => !ends.Contains(node.Position)), node => Assert.Equal(
            drawing.Sankey.Links.Where(link => link.Target == node.Position).Sum(drawing.Share),
            drawing.Sankey.Links.Where(link => link.Source == node.Position).Sum(drawing.Share),
            1e-12));
    }

    [Law]
    public void All_flow_reaches_the_target(Drawing drawing)
    {
        var target = drawing.Paths[0].Positions[0];
        var ways = drawing.Sankey.Links.Where(link => link.Target == target).ToArray();
        Assert.Equal(drawing.Paths[0].EdgeCount == 0 ? 0 : 1, ways.Sum(drawing.Share), 1e-12);
    }

    static IEnumerable<(int Source, int Target)> Steps(BeamPath path) =>
        path.Positions.Skip(1).Zip(path.Positions, (source, target) => (source, target));

    /// <summary>The paths that a search finds, and their Sankey diagram.</summary>
    /// <param name="Case">What is searched.</param>
    public sealed record Drawing(SearchCase Case)
    {
        public static Arbitrary<Drawing> Any { get; } =
            SearchCase.Any.Convert(it => new Drawing(it), drawing => drawing.Case);

        public BeamPath[] Paths { get; } = [.. Case.Search()];

        public double[] Weights => [.. PathWeights.Softmax([.. Paths.Select(path => path.Score)])];

        public SankeyGraph Sankey => SankeyGraph.Build(
            [.. Paths], [.. Weights], 0, [.. Case.Rows.Select((_, position) => new TokenText(position, "", []))]);

        public double Share(SankeyLink link) => link.PathIndices.Sum(path => Weights[path]);
    }
}
