using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class FlowTextTests
{
    static readonly ImmutableArray<TokenText> Tokens =
        [.. new[] { "When", " Mary", " John", " John", " to" }.Select(text => new TokenText(0, text, []))];

    [Fact]
    public void Names_the_moves_with_their_layers_and_leaves_out_where_a_path_stays()
    {
        var path = Path(0.0412, 4, 2, 2, 1, 1);
        Assert.Equal(
            "\" Mary\" -(L1)-> \" John\" -(L3)-> \" to\" (probability: 0.0412)", FlowText.Format(path, Tokens));
        Assert.Equal(1, path.Source);
        Assert.Equal([new FlowMove(1, 1, 2, 0.5), new FlowMove(3, 2, 4, 0.5)], path.Moves);
    }

    [Fact]
    public void Counts_layers_from_the_last_that_is_traced() => Assert.Equal(
        "When -(L4)-> \" to\" (probability: 1.25E-05)",
        FlowText.Format(Path(0.0000125, 4, 4, 0) with { LastLayer = 5 }, Tokens));

    [Fact]
    public void A_path_that_stays_is_a_token() =>
        Assert.Equal("When (probability: 1)", FlowText.Format(Path(1, 0, 0, 0), Tokens));

    [Fact]
    public void Paths_that_read_alike_have_positions() => Assert.Equal(
        [
            "\" John\"@2 -(L1)-> \" to\"@4 (probability: 0.3)", "\" John\"@3 -(L1)-> \" to\"@4 (probability: 0.2)",
            "\" John\" -(L0)-> \" to\" (probability: 0.1)",
        ],
        FlowText.FormatAll([Path(0.3, 4, 2, 2), Path(0.2, 4, 3, 3), Path(0.1, 4, 4, 3)], Tokens));

    static FlowPath Path(double probability, params int[] positions) => new(
        positions.Length - 2, [.. positions], [.. positions[1..].Select(_ => 0.5)], Math.Log(probability), probability);
}
