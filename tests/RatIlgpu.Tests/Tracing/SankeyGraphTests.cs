using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class SankeyGraphTests
{
    static readonly BeamPath Long = new([3, 1, 0], [0.5, 0.25], Math.Log(0.125), -0.5);
    static readonly BeamPath Short = new([3, 1], [0.5], Math.Log(0.5), -0.5);

    [Fact]
    public void Adds_up_what_paths_share()
    {
        var sankey = SankeyGraph.Build([Long, Short], [0.75, 0.25], 7, Tokens("a", "b", "c", "d"));
        Assert.Equal([new("L7_P0", "a", 0, 7), new("L7_P1", "b", 1, 7), new("L7_P3", "d", 3, 7)], sankey.Nodes);
        Assert.Equal([new(1, 3, 0.5, 0.5, [0, 1]), new(0, 1, 0.25, 0.75 * 0.25, [0])], sankey.Links);
    }

    [Fact]
    public void A_path_without_steps_is_a_node()
    {
        var sankey = SankeyGraph.Build([new([1], [], 0, 0)], [1], 0, Tokens("a", "b"));
        Assert.Equal([new("L0_P1", "b", 1, 0)], sankey.Nodes);
        Assert.Empty(sankey.Links);
    }

    [Fact]
    public void Wants_a_weight_for_each_path()
    {
        var error = Assert.Throws<ArgumentException>(() => SankeyGraph.Build([Long, Short], [1], 0, Tokens("a")));
        Assert.Equal("Build: 1 weights given for 2 paths.", error.Message);
    }

    [Fact]
    public void Weights_are_shares_of_one()
    {
        var weights = PathWeights.Softmax(-1000 - Math.Log(3), -1000);
        Assert.Equal([0.25, 0.75], weights.Select(weight => Math.Round(weight, 12)));
        Assert.Equal([1.0], PathWeights.Softmax(-4));
        Assert.Empty(PathWeights.Softmax());
    }

    static ImmutableArray<TokenText> Tokens(params string[] texts) =>
        [.. texts.Select((text, id) => new TokenText(id, text, []))];
}
